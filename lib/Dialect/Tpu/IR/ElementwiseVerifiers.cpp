// Verifiers of elementwise functions and arithmetic.
#include "Verify.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::tpu;

LogicalResult ActiveOp::verify() {
  size_t given = getCoeffs() ? getCoeffs()->size() : 0;
  size_t needed = getMode() == ActiveMode::ELU ? 1 : getMode() == ActiveMode::HSIGMOID ? 2 : 0;
  if (given < needed)
    return emitOpError() << "needs " << needed << " coeffs for mode " << stringifyActiveMode(getMode()) << ", got "
                         << given;
  return success();
}

LogicalResult LeakyReluOp::verify() {
  if (getInput().getType().getElementType().isFloat() && !getAlpha())
    return emitOpError("needs alpha for a float input");
  return success();
}

LogicalResult ClipOp::verify() {
  double low = getMin().convertToDouble(), high = getMax().convertToDouble();
  if (!(low <= high))
    return emitOpError() << "min (" << low << ") must not be greater than max (" << high << ")";
  return success();
}

static LogicalResult checkOperands(Operation *op, size_t least, size_t most) {
  if (op->getNumOperands() < least || op->getNumOperands() > most)
    return op->emitOpError() << "needs " << (least == most ? "" : "at least ") << least << " operands, got "
                             << op->getNumOperands();
  for (StringRef name : {"coeff", "multipliers", "rshifts"})
    if (auto values = op->getAttrOfType<ArrayAttr>(name); values && values.size() != op->getNumOperands())
      return op->emitOpError() << "has " << values.size() << " values in " << name << " for " << op->getNumOperands()
                               << " operands";
  return success();
}

/// The numpy rules.
static LogicalResult checkBroadcast(Operation *op) {
  size_t rank = 0;
  for (Value operand : op->getOperands())
    rank = std::max(rank, shapeOf(operand).size());
  Shape shape(rank, 1);
  for (Value operand : op->getOperands()) {
    ArrayRef<int64_t> own = shapeOf(operand);
    for (size_t i = 0; i < own.size(); ++i) {
      int64_t &dim = shape[rank - own.size() + i];
      if (dim != 1 && own[i] != 1 && dim != own[i])
        return op->emitOpError() << "has operands whose shapes do not broadcast: " << text(own) << " and "
                                 << text(shapeOf(op->getOperand(0)));
      dim = std::max(dim, own[i]);
    }
  }
  return expectShape(op, shape);
}

LogicalResult AddOp::verify() {
  if (failed(checkOperands(*this, 2, SIZE_MAX)))
    return failure();
  return getDoEarlyStride().value_or(false) ? success() : checkBroadcast(*this);
}
LogicalResult SubOp::verify() { return failed(checkOperands(*this, 2, 2)) ? failure() : checkBroadcast(*this); }
LogicalResult MulOp::verify() { return failed(checkOperands(*this, 2, SIZE_MAX)) ? failure() : checkBroadcast(*this); }
LogicalResult DivOp::verify() { return failed(checkOperands(*this, 2, 2)) ? failure() : checkBroadcast(*this); }
LogicalResult MaxOp::verify() { return failed(checkOperands(*this, 2, SIZE_MAX)) ? failure() : checkBroadcast(*this); }
LogicalResult MinOp::verify() { return failed(checkOperands(*this, 2, SIZE_MAX)) ? failure() : checkBroadcast(*this); }

LogicalResult LutOp::verify() {
  if (product(shapeOf(getTable())) != 256)
    return emitOpError() << "needs a table of 256 values, got shape " << text(shapeOf(getTable()));
  for (Value value : {getInput(), getTable(), getOutput()}) {
    Type element = cast<RankedTensorType>(value.getType()).getElementType();
    auto quantized = dyn_cast<quant::QuantizedType>(element);
    if (quantized ? quantized.getStorageTypeIntegralWidth() != 8 : !element.isInteger(8))
      return emitOpError() << "looks up 8-bit values, not " << element;
  }
  return expectShape(*this, shapeOf(getInput()));
}
