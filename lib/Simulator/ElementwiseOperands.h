// The operands of an AR instruction, whatever its operation.
#pragma once
#include "Elements.h"

namespace tpu_mlir::sim {

struct ElementwiseOperands {
  /// `count`: how many of the operands A, B are used. C (per-channel or constant) is read by those that need it.
  ElementwiseOperands(FieldReader &fields, int count);

  /// Adds operand C, a constant or one value per channel.
  void readThird(FieldReader &fields, Precision precision, bool isSigned);

  /// The finished operation: body runs for every piece.
  Prepared finish(std::function<void(const PieceAccess &, const ElementwiseOperands &, const Piece &)> body) &&;

  Operation op;
  Shape shape;
  Operand a, b, c;
  Precision result;
};

/// A rel B ? C : 0, and operations on bits, for floats and integers alike.
Prepared prepareSelect(FieldReader &fields);
Prepared prepareBitOperation(FieldReader &fields);

} // namespace tpu_mlir::sim
