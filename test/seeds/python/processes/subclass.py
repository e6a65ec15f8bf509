"""A subclass says in run() what its process does."""
import multiprocessing


class Worker(multiprocessing.Process):
    def run(self):
        print('In {}'.format(self.name))


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    jobs = []
    for i in range(5):
        p = Worker()
        jobs.append(p)
        p.start()
    for j in jobs:
        j.join()
