// Checks of plans that come from files, from IR or from tuning.
#include "PlanCheck.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

llvm::Error codegen::checkTiling(llvm::ArrayRef<ChainMember> chain, const Tiling &tiling) {
  auto axes = axesOf(chain);
  for (unsigned a = 0; a < numAxes; ++a) {
    const AxisRule &axis = axes[a];
    int64_t size = tiling.size[a], extent = std::max<int64_t>(axis.extent, 1);
    if (size < 1 || size > std::min(extent, axis.maxTile) || (size < extent && size % axis.grain != 0))
      return llvm::createStringError(llvm::formatv("is {0} along {1}; possible are {2} and smaller multiples of {3} up "
                                                   "to {4}",
                                                   size, "nchwk"[a], std::min(extent, axis.maxTile), axis.grain,
                                                   axis.maxTile));
  }
  return llvm::Error::success();
}

static bool leavesGroup(const NetworkValue &value, const GroupSpec &spec) {
  return value.isResult || llvm::any_of(value.readers, [&](int reader) { return reader >= spec.first + spec.count; });
}

llvm::Error codegen::checkSections(const Network &network, const GroupSpec &spec) {
  std::array<int64_t, 4> most{1, 1, 1, 1};
  for (int node = spec.first; node < spec.first + spec.count; ++node) {
    int result = network.nodes[static_cast<size_t>(node)].result;
    if (result < 0 || !leavesGroup(network.values[static_cast<size_t>(result)], spec))
      continue;
    auto shape = viewShape(network.values[static_cast<size_t>(result)].value.getType(), ViewKind::Spatial);
    for (size_t axis = 0; axis < 4; ++axis)
      most[axis] = std::max(most[axis], shape[axis]);
  }
  for (auto [name, sections, extent] :
       {std::tuple("nsecs", spec.nsecs, most[0]), std::tuple("hsecs", spec.hsecs, most[2]),
        std::tuple("wsecs", spec.wsecs, most[3])})
    if (sections < 1 || sections > extent)
      return llvm::createStringError(
          llvm::formatv("{0} is {1}; the results have {2} positions along this axis", name, sections, extent));
  return llvm::Error::success();
}

/// Ops and blocks of channels of a sliced group.
static llvm::Error checkMembers(const Network &network, const GroupSpec &spec) {
  if (!spec.channelTiles.empty() && static_cast<int>(spec.channelTiles.size()) != spec.count)
    return llvm::createStringError("channel_tiles have to be one for each op");
  if (llvm::any_of(spec.channelTiles, [](int64_t tile) { return tile < 0 || tile % 64 != 0; }))
    return llvm::createStringError("channel_tiles have to be multiples of 64, or 0 for all channels");
  for (int node = spec.first; spec.count > 1 && node < spec.first + spec.count; ++node) {
    const NetworkNode &member = network.nodes[static_cast<size_t>(node)];
    if (!member.member && member.kind != NodeKind::Assembled)
      return llvm::createStringError("'" + member.name + "' cannot be in a group");
  }
  return llvm::Error::success();
}

llvm::Error codegen::checkPlan(const Network &network, const NetworkPlan &plan) {
  Forms forms(network);
  for (const GroupSpec &spec : plan.groups) {
    const NetworkNode &first = network.nodes[static_cast<size_t>(spec.first)];
    auto refuse = [&](llvm::Error error, llvm::StringRef what) -> llvm::Error {
      return llvm::createStringError("'" + first.name + "': " + what + llvm::toString(std::move(error)));
    };
    if (!spec.tiling) {
      if (llvm::Error error = checkSections(network, spec))
        return refuse(std::move(error), "");
      if (llvm::Error error = checkMembers(network, spec))
        return refuse(std::move(error), "");
      continue;
    }
    llvm::Expected<std::vector<ChainMember>> chain = chainOf(network, forms, spec.first, spec.count);
    if (!chain)
      return refuse(chain.takeError(), "");
    if (llvm::Error error = checkTiling(*chain, *spec.tiling))
      return refuse(std::move(error), "the tile ");
  }
  return llvm::Error::success();
}
