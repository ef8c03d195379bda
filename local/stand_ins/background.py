"""The base class of the stand-ins: threads that repeat their jobs until they are stopped. The subclasses have the jobs."""

import threading

# The wait after an error. A lasting error then neither fills a processor nor hides for long.
AFTER_AN_ERROR_SECONDS = 0.5
STOP_SECONDS = 5


class Background:
    """One thread for each job, from start() to stop() or for the length of a `with`. `problem` is the last error of a job."""

    def __init__(self, *jobs, pause=0):
        self.problem = None
        self.pause = pause
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(job,), daemon=True) for job in jobs]

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=STOP_SECONDS)

    def run(self, job):
        while not self.stopping.wait(self.pause):
            try:
                job()
            except Exception as error:  # The error of one job must be seen and must not end the other jobs.
                if not self.stopping.is_set():
                    self.problem = error
                    self.stopping.wait(AFTER_AN_ERROR_SECONDS)
