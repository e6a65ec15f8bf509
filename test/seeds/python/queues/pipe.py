"""A child sends through its end of a pipe, the parent receives at the other."""
import multiprocessing
from multiprocessing import Pipe, Process


def show(conn):
    conn.send('Pipe 用法')
    conn.close()


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    parent_conn, child_conn = Pipe()
    pro = Process(target=show, args=(child_conn,))
    pro.start()
    print(parent_conn.recv())
    pro.join()
