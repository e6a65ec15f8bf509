"""A helper that maps any function over any list on a pool of its own (the seed takes its list from numpy)."""
import multiprocessing as mul


def auto_mul_process(func, data_list, proc_num):
    pool = mul.Pool(proc_num)
    rel = pool.map(func, data_list)
    pool.close()
    pool.join()
    return rel


def func(i):
    print(i * 2)


if __name__ == '__main__':
    mul.set_start_method('spawn')
    auto_mul_process(func, range(4), 3)
