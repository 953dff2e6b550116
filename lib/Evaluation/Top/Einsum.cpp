// Evaluation of Einsum: the steps that canonicalization makes ops of, on values.
#include "Einsum.h"
#include "tpu_mlir/Dialect/Top/IR/Einsum.h"
#include "tpu_mlir/Kernels/Elementwise.h"
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Kernels/Layout.h"
#include "tpu_mlir/Kernels/Normalization.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using top::Shape;

namespace {

Extents extents(const Shape &shape) { return {shape.begin(), shape.end()}; }

/// Products of one shape, the operands' matrices one after the other; a right operand of rank 2 serves all.
struct Matrices : kernels::ProductList {
  const float *left, *right;
  float *out;
  int64_t m, n, k;
  bool isShared;
  kernels::Product get(int64_t index) const override {
    kernels::Product product;
    product.a = {left + index * m * k, k, 1};
    product.b = {right + (isShared ? 0 : index * k * n), n, 1};
    product.c = out + index * m * n;
    product.cStride = n;
    return product;
  }
};

struct TensorAlgebra {
  using Value = Tensor;

  Shape shape(const Tensor &tensor) { return {tensor.shape().begin(), tensor.shape().end()}; }
  Tensor reshape(const Tensor &tensor, const Shape &shape) { return tensor.reshaped(extents(shape)); }
  Tensor permute(const Tensor &tensor, const Shape &order) {
    Extents to;
    for (int64_t axis : order)
      to.push_back(tensor.dim(axis));
    Tensor out(ElementType::F32, to);
    kernels::permute(tensor.data<float>(), tensor.shape(), {order.data(), order.size()}, sizeof(float),
                     out.data<float>());
    return out;
  }
  Tensor select(const Tensor &tensor, const std::vector<kernels::AxisMap> &maps) {
    static constexpr float zero = 0;
    Extents to;
    for (const kernels::AxisMap &map : maps)
      to.push_back(static_cast<int64_t>(map.size()));
    Tensor out(ElementType::F32, to);
    kernels::select(tensor.data<float>(), tensor.shape(), maps, &zero, sizeof(float), out.data<float>());
    return out;
  }
  Tensor tile(const Tensor &tensor, const Shape &repeats) {
    std::vector<kernels::AxisMap> maps;
    for (size_t axis = 0; axis < repeats.size(); ++axis)
      maps.push_back(kernels::repeatMap(tensor.dim(axis), repeats[axis]));
    return select(tensor, maps);
  }
  Tensor everyNth(const Tensor &tensor, int64_t axis, int64_t step) {
    std::vector<kernels::AxisMap> maps;
    for (int64_t extent : tensor.shape())
      maps.push_back(kernels::identityMap(extent));
    maps[axis] = kernels::stepMap(0, step, (tensor.dim(axis) + step - 1) / step);
    return select(tensor, maps);
  }
  Tensor sum(const Tensor &tensor, const Shape &axes) {
    Tensor current = tensor;
    Extents kept = tensor.shape();
    for (int64_t axis : axes) {
      kernels::Lines lines{1, kept[axis], 1};
      for (int64_t i = 0; i < current.rank(); ++i)
        (i < axis ? lines.outer : lines.inner) *= i == axis ? 1 : kept[i];
      kept[axis] = 1;
      Tensor out(ElementType::F32, kept);
      kernels::reduce(kernels::Reduction::Sum, lines, current.data<float>(), out.data<float>());
      current = out;
    }
    Extents left;
    for (int64_t axis = 0; axis < current.rank(); ++axis)
      if (!llvm::is_contained(axes, axis))
        left.push_back(kept[axis]);
    return current.reshaped(left.empty() ? Extents{1} : left);
  }
  Tensor mul(const Tensor &left, const Tensor &right) {
    const std::optional<Shape> to = top::broadcastShapes({shape(left), shape(right)});
    Tensor out(ElementType::F32, extents(*to));
    kernels::combine(kernels::Arithmetic::Multiply, left.data<float>(), left.shape(), right.data<float>(),
                     right.shape(), out.data<float>(), out.shape());
    return out;
  }
  Tensor matmul(const Tensor &left, const Tensor &right) {
    Extents to = left.shape();
    to.back() = right.dim(-1);
    Tensor out(ElementType::F32, to);
    Matrices products;
    products.left = left.data<float>();
    products.right = right.data<float>();
    products.out = out.data<float>();
    products.isShared = right.rank() == 2 && left.rank() > 2;
    products.k = left.dim(-1);
    products.n = right.dim(-1);
    // One matrix on the right makes all rows of the left side one matrix.
    const int64_t batch = products.isShared ? 1 : right.elements() / (products.k * products.n);
    products.m = left.elements() / (batch * products.k);
    kernels::gemm(batch, products.m, products.n, products.k, products);
    return out;
  }
};

} // namespace

LogicalResult evaluation::evaluateEinsum(top::EinsumOp op, Call &call) {
  SmallVector<Tensor> inputs;
  SmallVector<Shape> shapes;
  for (size_t i = 0; i < call.operandCount(); ++i) {
    inputs.push_back(call.floats(i));
    shapes.push_back({inputs.back().shape().begin(), inputs.back().shape().end()});
    if (inputs.back().elements() == 0)
      return call.refuse("has an operand without elements");
  }
  std::string error;
  const std::optional<top::EinsumEquation> equation = top::parseEinsum(op.getMode(), shapes, error);
  if (!equation)
    return call.refuse(error);
  TensorAlgebra algebra;
  top::EinsumSteps<TensorAlgebra> steps(*equation, algebra);
  return call.finish(steps.run(inputs).reshaped(call.resultShape()));
}
