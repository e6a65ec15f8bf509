// A pipe has two ends: what is sent into one is received at the other. Each process keeps to its end.
import { type Connection, Pipe, Process, isMain } from 'manycore';

export async function show(conn: Connection): Promise<void> {
  await conn.send('Pipe 用法');
  conn.close();
}

if (isMain(import.meta)) {
  const [parentConn, childConn] = Pipe<string>();
  const pro = new Process({ target: show, args: [childConn] });
  pro.start();
  console.log(await parentConn.recv());
  await pro.join();
}
