// List scheduling of two queues, forwards and backwards in turn: a pass takes at any time the most urgent instruction
// that can run, and what the next pass finds urgent is what the pass before, in the other direction of time, did late.
#include "tpu_mlir/Target/BM1684X/Scheduler.h"
#include <algorithm>
#include <queue>
#include <random>

using namespace llvm;

namespace tpu_mlir::bm1684x {
namespace {

struct Job {
  uint8_t engine;
  uint64_t cycles;
};

enum class Direction { Forwards, Backwards };

/// What a pass gives: when each job runs, counted from where the pass began, and the order in which it took them.
struct Timetable {
  std::vector<uint64_t> end;
  std::vector<uint32_t> order;
  uint64_t total = 0;
};

/// One pass.
class Pass {
public:
  /// `urgency`: the higher, the earlier. `patience`: the part of a job's cycles that an engine may wait instead, for a
  /// more urgent one to become ready.
  Pass(ArrayRef<Job> jobs, const OrderGraph &graph, Direction direction, ArrayRef<uint64_t> urgency, double patience)
      : jobs(jobs), graph(graph), direction(direction), urgency(urgency), patience(patience), waitsFor(jobs.size()),
        readyAt(jobs.size(), 0), taken(jobs.size(), false) {}

  Timetable run() {
    result.end.resize(jobs.size());
    result.order.reserve(jobs.size());
    for (uint32_t i = 0; i < jobs.size(); ++i)
      if ((waitsFor[i] = static_cast<uint32_t>(before(i).size())) == 0)
        admit(i);
    while (result.order.size() < jobs.size()) {
      uint64_t starts[2] = {earliest(0), earliest(1)};
      unsigned engine = starts[1] <= starts[0] ? 1 : 0;
      uint32_t next = choose(engine, starts[engine]);
      take(next, starts[engine]);
    }
    result.total = std::max(freeAt[0], freeAt[1]);
    return std::move(result);
  }

private:
  static constexpr uint64_t never = ~uint64_t{0};
  /// By the first, larger ones on top.
  using Heap = std::priority_queue<std::pair<uint64_t, uint32_t>>;

  ArrayRef<uint32_t> before(uint32_t i) const {
    return direction == Direction::Forwards ? graph.predecessors(i) : graph.successors(i);
  }
  ArrayRef<uint32_t> behind(uint32_t i) const {
    return direction == Direction::Forwards ? graph.successors(i) : graph.predecessors(i);
  }
  /// Position in the direction of the pass, and back. Heaps hold complements of it: equal jobs keep their order.
  uint32_t rank(uint32_t i) const {
    return direction == Direction::Forwards ? i : static_cast<uint32_t>(jobs.size()) - 1 - i;
  }

  /// All that job i waits for is done. Far ahead of the first job that is not done it has to wait still: OrderGraph
  /// knows nothing of pairs that are further apart.
  void admit(uint32_t i) {
    if (rank(i) > firstLeft + OrderGraph::window)
      parked.emplace(~uint64_t{rank(i)}, i);
    else
      release(i);
  }
  void release(uint32_t i) { pending[jobs[i].engine].emplace(~readyAt[i], ~rank(i)); }

  /// When the engine can start its next job.
  uint64_t earliest(unsigned engine) const {
    if (!available[engine].empty())
      return freeAt[engine];
    return pending[engine].empty() ? never : std::max(freeAt[engine], ~pending[engine].top().first);
  }
  /// What can start at a time becomes available.
  void collect(unsigned engine, uint64_t time) {
    for (Heap &heap = pending[engine]; !heap.empty() && ~heap.top().first <= time; heap.pop()) {
      uint32_t i = rank(~heap.top().second);
      available[engine].emplace(urgency[i], ~rank(i));
    }
  }

  /// The most urgent job of those available, or one that is worth waiting for; sets `start` to when it runs.
  uint32_t choose(unsigned engine, uint64_t &start) {
    collect(engine, start);
    uint32_t best = rank(~available[engine].top().second);
    Heap &heap = pending[engine];
    if (!heap.empty() && patience > 0) {
      uint32_t later = rank(~heap.top().second);
      uint64_t at = ~heap.top().first;
      double limit = patience * static_cast<double>(jobs[best].cycles);
      if (urgency[later] > urgency[best] && static_cast<double>(at - start) <= limit) {
        heap.pop();
        start = at;
        return later;
      }
    }
    available[engine].pop();
    return best;
  }

  void take(uint32_t i, uint64_t start) {
    uint64_t end = start + jobs[i].cycles;
    freeAt[jobs[i].engine] = result.end[i] = end;
    result.order.push_back(i);
    taken[i] = true;
    for (uint32_t next : behind(i)) {
      readyAt[next] = std::max(readyAt[next], end);
      if (--waitsFor[next] == 0)
        admit(next);
    }
    while (firstLeft < jobs.size() && taken[rank(firstLeft)])
      ++firstLeft;
    for (; !parked.empty() && rank(parked.top().second) <= firstLeft + OrderGraph::window; parked.pop())
      release(parked.top().second);
  }

  ArrayRef<Job> jobs;
  const OrderGraph &graph;
  Direction direction;
  ArrayRef<uint64_t> urgency;
  double patience;
  std::vector<uint32_t> waitsFor;
  std::vector<uint64_t> readyAt;
  std::vector<bool> taken;
  Heap pending[2], available[2], parked;
  uint64_t freeAt[2] = {0, 0};
  uint32_t firstLeft = 0;
  Timetable result;
};

/// Cycles from the start of each job to the end of the last one behind it.
std::vector<uint64_t> longestPaths(ArrayRef<Job> jobs, const OrderGraph &graph) {
  std::vector<uint64_t> result(jobs.size());
  for (size_t i = jobs.size(); i-- > 0;) {
    uint64_t longest = 0;
    for (uint32_t next : graph.successors(i))
      longest = std::max(longest, result[next]);
    result[i] = longest + jobs[i].cycles;
  }
  return result;
}

/// Cycles of the jobs in the order of the program.
uint64_t cyclesAsGiven(ArrayRef<Job> jobs, const OrderGraph &graph) {
  std::vector<uint64_t> end(jobs.size());
  uint64_t freeAt[2] = {0, 0};
  for (size_t i = 0; i < jobs.size(); ++i) {
    uint64_t start = freeAt[jobs[i].engine];
    for (uint32_t earlier : graph.predecessors(i))
      start = std::max(start, end[earlier]);
    freeAt[jobs[i].engine] = end[i] = start + jobs[i].cycles;
  }
  return std::max(freeAt[0], freeAt[1]);
}

/// Passes forwards and backwards in turn, the first ones as they follow from each other, the later ones from the best
/// table with its urgencies blurred.
class Search {
public:
  Search(ArrayRef<Job> jobs, const OrderGraph &graph) : jobs(jobs), graph(graph), shortest(cyclesAsGiven(jobs, graph)) {
    for (const Job &job : jobs)
      busy[job.engine] += job.cycles;
  }

  Order run() {
    std::vector<uint64_t> urgency = longestPaths(jobs, graph);
    const int rounds = static_cast<int>(std::clamp<size_t>(workOfSearch / std::max<size_t>(1, jobs.size()), 6, 48));
    for (int round = 0; round < rounds && shortest > std::max(busy[0], busy[1]); ++round) {
      Timetable forwards = pass(Direction::Forwards, urgency, 0);
      if (round < plainRounds)
        if (Timetable waiting = pass(Direction::Forwards, urgency, 0.5); waiting.total < forwards.total)
          forwards = std::move(waiting);
      if (forwards.total <= shortestForwards) {
        shortestForwards = forwards.total;
        ends = std::move(forwards.end);
      }
      // The later a job ended, the sooner it comes when time runs backwards.
      urgency = pass(Direction::Backwards, round < plainRounds ? ends : blurred(), 0).end;
    }
    return {std::move(order), shortest};
  }

private:
  static constexpr int plainRounds = 3;
  /// Bounds instructions times rounds.
  static constexpr size_t workOfSearch = 250000;

  Timetable pass(Direction direction, ArrayRef<uint64_t> urgency, double patience) {
    Timetable table = Pass(jobs, graph, direction, urgency, patience).run();
    if (table.total < shortest) {
      shortest = table.total;
      order = std::move(table.order);
      if (direction == Direction::Backwards)
        std::reverse(order.begin(), order.end());
    }
    return table;
  }

  std::vector<uint64_t> blurred() {
    std::vector<uint64_t> result = ends;
    uint64_t range = shortestForwards / 10 >> random() % 6;
    for (uint64_t &end : result)
      end += random() % (range + 1);
    return result;
  }

  ArrayRef<Job> jobs;
  const OrderGraph &graph;
  uint64_t busy[2] = {0, 0};
  uint64_t shortest, shortestForwards = ~uint64_t{0};
  std::vector<uint32_t> order; ///< the shortest; none as long as that is the given one
  std::vector<uint64_t> ends;  ///< of the shortest pass forwards
  std::mt19937 random{1};      ///< gives the same numbers everywhere
};

} // namespace

Order fasterOrder(ArrayRef<Instruction> instructions, const AccessLog &log) {
  std::vector<Job> jobs;
  bool isKnown = true;
  for (const auto [i, instruction] : enumerate(instructions)) {
    // What an instruction without a result does is not known here.
    if (log.writes(i).empty() && log.globalWrites(i).empty())
      isKnown = false;
    jobs.push_back({static_cast<uint8_t>(instruction.engine()), costOf(instruction).cycles});
  }
  OrderGraph graph(log);
  if (!isKnown)
    return {{}, cyclesAsGiven(jobs, graph)};
  return Search(jobs, graph).run();
}

} // namespace tpu_mlir::bm1684x
