// The pool: workers sleep on a condition variable; the caller takes part in the work. A fork leaves the child without
// workers, so the pool notices a changed process id and starts afresh.
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <sched.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct Job {
  const std::function<void(int64_t, int64_t)> *body;
  int64_t count, chunk;
  std::atomic<int64_t> next{0};
  std::atomic<int> active{0};
};

class Pool {
public:
  explicit Pool(int workers) : process(getpid()) {
    for (int i = 0; i < workers; ++i)
      threads.emplace_back([this] { serve(); });
  }
  ~Pool() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    wake.notify_all();
    for (auto &thread : threads)
      thread.join();
  }

  // One parallel loop at a time. False: the workers are busy with another caller's.
  bool run(Job &job) {
    std::unique_lock turn(runs, std::try_to_lock);
    if (!turn)
      return false;
    {
      std::lock_guard lock(mutex);
      current = &job;
      ++generation;
    }
    wake.notify_all();
    work(job);
    std::unique_lock lock(mutex);
    current = nullptr;
    done.wait(lock, [&] { return job.active.load() == 0; });
    return true;
  }

  static void work(Job &job) {
    inside = true;
    for (int64_t begin; (begin = job.next.fetch_add(job.chunk)) < job.count;)
      (*job.body)(begin, std::min(begin + job.chunk, job.count));
    inside = false;
  }

  const pid_t process;
  static thread_local bool inside;

private:
  void serve() {
    uint64_t seen = 0;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return stopping || (current && generation != seen); });
      if (stopping)
        return;
      seen = generation;
      Job &job = *current;
      ++job.active;
      lock.unlock();
      work(job);
      lock.lock();
      if (--job.active == 0)
        done.notify_all();
    }
  }

  std::vector<std::thread> threads;
  std::mutex mutex, runs;
  std::condition_variable wake, done;
  Job *current = nullptr;
  uint64_t generation = 0;
  bool stopping = false;
};

thread_local bool Pool::inside = false;

Pool &pool() {
  static std::mutex mutex;
  // The pool of a parent process is leaked in the child: its threads do not exist there.
  static Pool *instance = nullptr;
  std::lock_guard lock(mutex);
  if (!instance || instance->process != getpid())
    instance = new Pool(tpu_mlir::threadCount() - 1);
  return *instance;
}

} // namespace

int tpu_mlir::threadCount() {
  static const int count = [] {
    if (const char *wish = std::getenv("TPU_MLIR_THREADS"))
      return std::clamp(std::atoi(wish), 1, 256);
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
      return std::max(1, CPU_COUNT(&set));
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

void tpu_mlir::parallelFor(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)> &body) {
  if (count <= 0)
    return;
  grain = std::max<int64_t>(grain, 1);
  if (Pool::inside || threadCount() == 1 || count <= grain) {
    body(0, count);
    return;
  }
  // A few chunks per thread even out uneven work.
  Job job{&body, count, std::max(grain, (count + 4 * threadCount() - 1) / (4 * threadCount()))};
  // Callers that come at the same time (samples evaluated in parallel) work for themselves.
  if (!pool().run(job))
    Pool::work(job);
}
