/**
 * The public names of Python's `multiprocessing`, up to 3.15, and of what its test suite tests along with it: a class or
 * module, and its members. `*` says that members are not listed one by one.
 */
const NAMES: Readonly<Record<string, string>> = {
  '': `active_children allow_connection_pickling cpu_count current_process parent_process freeze_support set_executable
    reducer get_logger log_to_stderr get_all_start_methods get_start_method set_start_method get_context
    set_forkserver_preload BaseContext DefaultContext SpawnContext ForkContext ForkServerContext Process BaseProcess
    AuthenticationString Queue JoinableQueue SimpleQueue Pipe Connection Listener Client deliver_challenge
    answer_challenge wait families default_family address_type Lock RLock Semaphore BoundedSemaphore Condition Event
    Barrier Pool AsyncResult ApplyResult MapResult IMapIterator IMapUnorderedIterator ThreadPool ProcessError
    BufferTooShort AuthenticationError TimeoutError MaybeEncodingError RemoteTraceback RemoteError AssertionError
    ValueError RuntimeError OSError EOFError TypeError SystemExit AbstractReducer Value Array RawValue RawArray copy synchronized
    Synchronized SynchronizedArray SynchronizedString SharedMemory ShareableList SharedMemoryManager Manager BaseManager
    Server SyncManager BaseProxy AutoProxy MakeProxyType Namespace Token ListProxy DictProxy SetProxy ArrayProxy
    ValueProxy NamespaceProxy PoolProxy IteratorProxy AcquirerProxy ConditionProxy EventProxy BarrierProxy dummy`,
  Process: `run start join is_alive name daemon pid ident exitcode authkey sentinel interrupt terminate kill close`,
  Queue: `put put_nowait get get_nowait qsize empty full close join_thread cancel_join_thread`,
  JoinableQueue: `task_done join`,
  SimpleQueue: `put get empty close`,
  Connection: `send recv poll send_bytes recv_bytes recv_bytes_into fileno close closed readable writable`,
  Listener: `accept close address last_accepted`,
  Lock: `acquire release locked`,
  RLock: `acquire release locked`,
  Semaphore: `acquire release locked get_value`,
  BoundedSemaphore: `locked get_value`,
  Condition: `acquire release wait wait_for notify notify_all`,
  Event: `is_set set clear wait`,
  Barrier: `wait reset abort parties n_waiting broken`,
  Pool: `apply apply_async map map_async starmap starmap_async imap imap_unordered close terminate join Process`,
  AsyncResult: `get wait ready successful`,
  IMapIterator: `next`,
  futures: `ProcessPoolExecutor Future Executor wait as_completed BrokenExecutor BrokenProcessPool CancelledError InvalidStateError
    TimeoutError FIRST_COMPLETED FIRST_EXCEPTION ALL_COMPLETED ThreadPoolExecutor`,
  'futures.ProcessPoolExecutor': `submit map shutdown terminate_workers kill_workers`,
  'futures.Future': `result exception cancel cancelled running done add_done_callback set_result set_exception
    set_running_or_notify_cancel`,
  queue: `Empty Full`,
  threading: `BrokenBarrierError`,
  pickle: `PicklingError UnpicklingError`,
  util: `Finalize debug info sub_debug sub_warning SUBDEBUG SUBWARNING get_temp_dir register_after_fork
    ForkAwareThreadLock ForkAwareLocal is_exiting close_all_fds_except`,
  'util.Finalize': `cancel still_active`,
  reduction: `ForkingPickler register dump send_handle recv_handle DupFd DupHandle sendfds recvfds`,
  resource_sharer: `DupFd DupSocket stop`,
  resource_tracker: `register unregister ensure_running`,
  spawn: `get_executable is_forking`,
  Synchronized: `value get_obj get_lock`,
  SynchronizedArray: `get_obj get_lock`,
  SynchronizedString: `value raw get_obj get_lock`,
  SharedMemory: `buf name size close unlink`,
  ShareableList: `count index format shm`,
  SharedMemoryManager: `SharedMemory ShareableList start shutdown connect get_server register join address`,
  BaseManager: `start connect shutdown join register get_server address`,
  Server: `serve_forever`,
  SyncManager: `Array Barrier BoundedSemaphore Condition Event JoinableQueue Lock Namespace Pool Queue RLock Semaphore
    Value dict list set start connect shutdown join register get_server address`,
};

export const pythonNames: ReadonlySet<string> = new Set(
  Object.entries(NAMES).flatMap(([owner, names]) =>
    names.split(/\s+/).map(name => (owner === '' ? name : `${owner}.${name}`)),
  ),
);

/** Prints every public name of the Python at hand, as they are spelt above. */
export const PYTHON_PROGRAM = `
import concurrent.futures, multiprocessing as m, multiprocessing.sharedctypes
from multiprocessing import connection, context, dummy, managers, pool, process, queues, reduction, resource_tracker
from multiprocessing import shared_memory, sharedctypes, synchronize, util
def public(thing): return [name for name in dir(thing) if not name.startswith('_')]
def say(owner, names): print('\\n'.join(owner + name for name in names))
for module in m, process, queues, connection, synchronize, pool, sharedctypes, shared_memory, managers: say('', module.__all__)
say('', [name for name in public(context) if name.endswith('Context')])
say('util.', [name for name in util.__all__ if name not in m.__all__]); say('reduction.', reduction.__all__); say('resource_tracker.', resource_tracker.__all__)
say('futures.', [name for name in concurrent.futures.__all__ if not name.startswith('Interpreter')])
classes = {'Process': process.BaseProcess, 'Queue': queues.Queue, 'SimpleQueue': queues.SimpleQueue,
  'Connection': connection.Connection, 'Listener': connection.Listener, 'Pool': pool.Pool,
  'AsyncResult': pool.AsyncResult, 'IMapIterator': pool.IMapIterator, 'util.Finalize': util.Finalize,
  'Synchronized': sharedctypes.Synchronized, 'SynchronizedString': sharedctypes.SynchronizedString,
  'SharedMemory': shared_memory.SharedMemory, 'ShareableList': shared_memory.ShareableList,
  'BaseManager': managers.BaseManager, 'SyncManager': managers.SyncManager,
  'SharedMemoryManager': managers.SharedMemoryManager, 'futures.Future': concurrent.futures.Future,
  'futures.ProcessPoolExecutor': concurrent.futures.ProcessPoolExecutor}
for name, one in classes.items(): say(name + '.', public(one))
inherited = public(queues.Queue)
say('JoinableQueue.', [name for name in public(queues.JoinableQueue) if name not in inherited])
for name in 'Lock', 'RLock', 'Semaphore', 'Condition', 'Event': say(name + '.', public(getattr(m, name)()))
say('Barrier.', public(m.Barrier(2)))
`;
