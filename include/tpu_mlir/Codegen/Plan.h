// The plan of a network: which nodes form groups and how they are cut. A pure value: it can be searched, compared,
// written as JSON (plan files, the cache, autotuning) and into IR (tpu.Group), and gives the same instructions every
// time.
#pragma once
#include "tpu_mlir/Codegen/Network.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <optional>

namespace tpu_mlir::codegen {

enum class Axis : uint8_t { N, C, H, W, K };
inline constexpr unsigned numAxes = 5;

/// Tile extents by axis and the nesting of the loops from the outside in; k is always the innermost.
struct Tiling {
  std::array<int64_t, numAxes> size{1, 1, 1, 1, 1};
  std::array<Axis, numAxes> order{Axis::N, Axis::C, Axis::H, Axis::W, Axis::K};
  int64_t cycles = 0;                    ///< estimate
  int64_t bytes = 0;                     ///< per lane
  int64_t tiuCycles = 0, gdmaCycles = 0; ///< of all tiles, estimates
  bool operator==(const Tiling &other) const { return size == other.size && order == other.order; }
};

/// Consecutive nodes whose intermediate tensors stay in local memory. Two forms:
/// - a chain: one head and elementwise followers; `tiling` cuts the head's result and its reduction, tile by tile.
///   A node alone is a chain of one.
/// - slices (no tiling): the results of the group are cut into secs[] parts along n, h and w; the members are computed
///   slice by slice, each from the part (with halo) that the slice needs, and within a slice each member by blocks of
///   channels, so that its parameters stream.
struct GroupSpec {
  int first = 0, count = 1;
  std::optional<Tiling> tiling;
  int64_t nsecs = 1, hsecs = 1, wsecs = 1;
  /// Sliced form, by member: channels computed at a time, 0 for all.
  std::vector<int64_t> channelTiles;
  /// Whether parameters are loaded again for every slice; else they stay for all slices.
  bool streams = false;
  bool operator==(const GroupSpec &) const = default;
};

struct NetworkPlan {
  std::vector<GroupSpec> groups; ///< in order; together they are all nodes
  int64_t cycles = 0;            ///< estimate
};

struct PlanOptions {
  /// 0: every op alone; 1: chains; 2: groups by dynamic programming; 3: and refined on the whole network.
  int level = 2;
  /// Bytes of local memory per lane that plans may use (tests make it small).
  int64_t budget = bm1684x::laneBytes;
  /// Whether loads of a group may run while the one before it computes.
  bool overlapGroups = true;
};

/// Searches a plan. Fails when an op has no tile that fits.
llvm::Expected<NetworkPlan> planNetwork(const Network &network, const PlanOptions &options);

/// Cycles of a plan by the estimates of its ops, played through both queues; fails when a group does not fit.
llvm::Expected<int64_t> estimateCycles(const Network &network, const NetworkPlan &plan, const PlanOptions &options);

/// A plan written as instructions and played in the cycle model.
struct PlayedPlan {
  bm1684x::Program program;
  bm1684x::Schedule schedule;
};
/// Not for several threads on one network.
llvm::Expected<PlayedPlan> playPlan(const Network &network, const NetworkPlan &plan, const PlanOptions &options,
                                    const bm1684x::AssemblerOptions &instructions);

/// {"groups": [{"ops": [name, …], "tile": [n,c,h,w,k], "order": "NCHWK"} | {"ops": …, "nsecs": …, "hsecs": …, "wsecs":
/// …, "channel_tiles": […]}, …], "cycles": …}
llvm::json::Value toJson(const Network &network, const NetworkPlan &plan);
/// The plan of this network; fails when names, order or extents do not fit it.
llvm::Expected<NetworkPlan> planFromJson(const Network &network, const llvm::json::Value &json);

/// Where everything is and when: the plan unrolled. For the attributes of tpu.Load, tpu.Store and the members (ginfo)
/// and for debug dumps.
struct PlacedBuffer {
  uint32_t offset = 0; ///< byte in every lane
  int64_t bytes = 0;   ///< per lane
  int firstStep = 0, lastStep = 0;
};
struct MemberPlacement {
  int node = 0;
  PlacedBuffer result;             ///< of the first slice
  PlacedBuffer scratch;            ///< of the first slice; bytes 0 where there is none
  std::vector<PlacedBuffer> loads; ///< by operand of the TiledOp, first slice; bytes 0 where nothing is loaded
  std::vector<Slice> resultSlices; ///< by slice of the group
  std::vector<std::vector<Slice>> operandSlices; ///< by slice of the group, by operand
  bool isStored = false;
};
struct GroupPlacement {
  std::vector<MemberPlacement> members;
};
/// By group of the plan.
llvm::Expected<std::vector<GroupPlacement>> placePlan(const Network &network, const NetworkPlan &plan,
                                                      const PlanOptions &options);

/// Writes the instructions of the whole network. The network was built with addresses.
llvm::Error emitPlan(const Network &network, const NetworkPlan &plan, const PlanOptions &options, Assembler &assembler);

} // namespace tpu_mlir::codegen
