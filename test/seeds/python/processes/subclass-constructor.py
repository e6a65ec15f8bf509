"""A subclass with a constructor that sets its own name.

The seed passes a number, which Python refuses ("name must be a string"), so it is made a string here. The seed's second
loop joins the last process three times; the others are waited for at the program's end.
"""
import multiprocessing
import time
from multiprocessing import Process


class MyProcess(Process):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def run(self):
        print('process name :' + self.name)
        time.sleep(0.1)


if __name__ == '__main__':
    multiprocessing.set_start_method('spawn')
    for i in range(3):
        p = MyProcess(str(i))
        p.start()
    for i in range(3):
        p.join()
