// The groups of a plan as text.
#include "tpu_mlir/Codegen/GroupIR.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

const char *kindOf(const NetworkNode &node) {
  switch (node.kind) {
  case NodeKind::Tiled:
    return "";
  case NodeKind::Assembled:
    return " (written in place)";
  case NodeKind::Global:
    return " (global memory)";
  }
  return "";
}

std::string formOf(const GroupSpec &spec) {
  if (!spec.tiling)
    return llvm::formatv("slices n {0}, h {1}, w {2}", spec.nsecs, spec.hsecs, spec.wsecs).str();
  const auto &size = spec.tiling->size;
  return llvm::formatv("tiles n {0}, c {1}, h {2}, w {3}, k {4}, order {5}", size[0], size[1], size[2], size[3],
                       size[4], orderText(spec.tiling->order))
      .str();
}

void dumpBuffer(llvm::StringRef what, const PlacedBuffer &buffer, llvm::raw_ostream &stream) {
  stream << llvm::formatv("      {0,-10} at {1,6}, {2,6} bytes per lane, steps {3} to {4}\n", what, buffer.offset,
                          buffer.bytes, buffer.firstStep, buffer.lastStep);
}

void dumpMember(const MemberPlacement &member, llvm::raw_ostream &stream) {
  for (auto [i, load] : llvm::enumerate(member.loads))
    if (load.bytes > 0)
      dumpBuffer(llvm::formatv("load {0}", i).str(), load, stream);
  if (member.scratch.bytes > 0)
    dumpBuffer("scratch", member.scratch, stream);
  if (member.result.bytes > 0)
    dumpBuffer(member.isStored ? "stored" : "result", member.result, stream);
}

} // namespace

void codegen::dumpPlan(const Network &network, const NetworkPlan &plan, llvm::ArrayRef<GroupPlacement> placements,
                       llvm::raw_ostream &stream) {
  stream << llvm::formatv("{0} ops in {1} groups, estimated {2} cycles\n", network.nodes.size(), plan.groups.size(),
                          plan.cycles);
  for (auto [index, spec] : llvm::enumerate(plan.groups)) {
    const NetworkNode &head = network.nodes[static_cast<size_t>(spec.first)];
    bool isCut = spec.count > 1 || head.kind == NodeKind::Tiled;
    stream << "group " << index << ": " << (isCut ? formOf(spec) : std::string("no slices")) << "\n";
    for (int i = 0; i < spec.count; ++i) {
      const NetworkNode &node = network.nodes[static_cast<size_t>(spec.first + i)];
      stream << "  " << node.op->getName().getStringRef() << " '" << node.name << "'" << kindOf(node);
      if (!spec.tiling && static_cast<size_t>(i) < spec.channelTiles.size() && spec.channelTiles[i] > 0)
        stream << ", " << spec.channelTiles[i] << " channels at a time";
      stream << "\n";
      if (index < placements.size())
        for (const MemberPlacement &member : placements[index].members)
          if (member.node == spec.first + i)
            dumpMember(member, stream);
    }
  }
}
