"""A pool's workers are daemons: they may not open a pool of their own."""
import multiprocessing as mul


def auto_mul_process(func, data_list, proc_num):
    pool = mul.Pool(proc_num)
    rel = pool.map(func, data_list)
    pool.close()
    pool.join()
    return rel


def func(i):
    if i < 5:
        auto_mul_process(func, (i + 5, i + 6), 2)
    else:
        print(i)


if __name__ == '__main__':
    mul.set_start_method('spawn')
    auto_mul_process(func, range(3), 3)
