// A function as the layer-group search and code generation see it: tiled ops and the tensors between them, without IR
// types. Built before addresses exist (layer-group) and after (codegen); nodes and values have equal numbers in both.
#pragma once
#include "tpu_mlir/Codegen/Context.h"
#include "tpu_mlir/Codegen/TiledOp.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tpu_mlir::codegen {

/// A tensor of the network. Views of it (reshapes) are the same value.
struct NetworkValue {
  mlir::Value value;
  int producer = -1;        ///< node; -1 for inputs and weights
  bool isParameter = false; ///< a weight
  bool isResult = false;    ///< leaves the network
  std::vector<int> readers; ///< nodes, ascending
};

enum class NodeKind : uint8_t {
  Tiled,     ///< computed in tiles
  Assembled, ///< a concatenation whose operands are written in place: needs no instruction
  Global,    ///< instructions on global memory only
};

struct NetworkNode {
  mlir::Operation *op = nullptr;
  std::string name;
  NodeKind kind = NodeKind::Tiled;
  /// The op by itself, with the views of its tensors that suit it best; null unless Tiled.
  std::unique_ptr<TiledOp> alone;
  /// The op as a member of a group: tensors are seen as [n, c, h, w] in the same way by all members. Null when the op
  /// cannot be a member.
  std::unique_ptr<TiledOp> member;
  std::vector<int> operands; ///< values; for a Tiled node by operand of the TiledOp, which has no operand "none"
  int result = -1;           ///< value
  /// First channels of the operands of an Assembled node that joins along c; empty for other axes.
  std::vector<int64_t> channelOffsets;
};

/// What layer-group wrote: nodes [first, first + count) are one tpu.Group.
struct NetworkGroup {
  int first = 0, count = 1;
  mlir::Operation *op = nullptr;
};

class Network {
public:
  std::vector<NetworkNode> nodes; ///< in program order; groups are opened up, views and weights left out
  std::vector<NetworkValue> values;
  std::vector<NetworkGroup> groups; ///< that the IR has already

  /// The tiled form of a node in a chain of ops that all see their tensors flat, whose smallest element has
  /// `itemBytes`.
  llvm::FailureOr<std::unique_ptr<TiledOp>> flatForm(int node, int64_t itemBytes) const;
  /// Instructions of a Global node, or of an Assembled one that is no member of a sliced group.
  llvm::LogicalResult emitGlobal(int node, Assembler &assembler) const;

  /// A value in global memory, seen as [n, c, h, w].
  GlobalTensor global(int value) const;

private:
  friend class NetworkBuilder;
  CodegenContext context() const;
  /// By IR value: addresses in global memory, or others for trials before they are assigned.
  llvm::DenseMap<mlir::Value, uint64_t> addresses;
};

/// Reads a function; error diagnostics name the op that the chip cannot do.
llvm::FailureOr<Network> buildNetwork(mlir::func::FuncOp function);

} // namespace tpu_mlir::codegen
