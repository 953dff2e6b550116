// Reading Einsum equations; shape rule, verifier and operation count of Einsum.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Einsum.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// Names 0 to 51 are letters, the ones after them the axes of "...", counted from the last.
static constexpr int64_t letters = 52;
static constexpr size_t maxInputs = 8;
static constexpr size_t maxEllipsis = 16;

static int64_t nameOfLetter(char c) { return c >= 'a' ? c - 'a' : 26 + c - 'A'; }
static char letterOfName(int64_t name) { return name < 26 ? 'a' + name : 'A' + (name - 26); }

namespace {
/// The names of one operand as they are written; `ellipsis` is the place of "...", if there is one.
struct WrittenNames {
  Shape names;
  std::optional<size_t> ellipsis;
};
} // namespace

static std::optional<WrittenNames> readNames(StringRef text, std::string &error) {
  WrittenNames written;
  while (!text.empty()) {
    if (text.consume_front("...") && !written.ellipsis) {
      written.ellipsis = written.names.size();
      continue;
    }
    if (text.empty() || !llvm::isAlpha(text.front())) {
      error = "has a mode with something other than letters, one \"...\" per tensor, commas and \"->\"";
      return std::nullopt;
    }
    written.names.push_back(nameOfLetter(text.front()));
    text = text.drop_front();
  }
  return written;
}

/// The names of all axes, where "..." stands for `count` of them.
static Shape namesOfAxes(const WrittenNames &written, size_t count) {
  Shape names = written.names;
  if (written.ellipsis)
    for (size_t i = 0; i < count; ++i)
      names.insert(names.begin() + *written.ellipsis + i, letters + count - 1 - i);
  return names;
}

Shape EinsumEquation::resultShape() const {
  Shape shape;
  for (int64_t name : result)
    shape.push_back(extents[name]);
  if (shape.empty())
    shape.push_back(1);
  return shape;
}

/// Adds the axes of an input; false if there are more or fewer than it names, or one is too long.
static bool addInput(EinsumEquation &equation, const WrittenNames &written, Shape shape, size_t &ellipsis,
                     std::string &error) {
  // A scalar is a tensor of one element here.
  if (written.names.empty() && shape == Shape{1} && (!written.ellipsis || shape.size() == 1))
    shape.clear();
  const size_t named = written.names.size();
  if (shape.size() < named || (shape.size() > named && !written.ellipsis) || shape.size() - named > maxEllipsis) {
    error = "names " + std::to_string(named) + (written.ellipsis ? " or more" : "") + " axes of an input of shape " +
            text(shape);
    return false;
  }
  ellipsis = std::max(ellipsis, shape.size() - named);
  Shape names = namesOfAxes(written, shape.size() - named);
  for (auto [name, extent] : llvm::zip(names, shape)) {
    int64_t &known = equation.extents[name];
    if (extent != known && extent != 1 && known != 1) {
      error = "has extents " + std::to_string(known) + " and " + std::to_string(extent) + " for one name";
      return false;
    }
    known = known == 1 ? extent : known;
  }
  equation.inputs.push_back(std::move(names));
  return true;
}

/// Names that occur once, in alphabetical order, after "...".
static WrittenNames impliedResult(const EinsumEquation &equation) {
  std::vector<int> count(letters, 0);
  for (const Shape &names : equation.inputs)
    for (int64_t name : names)
      if (name < letters)
        ++count[name];
  // 'A' comes before 'a'.
  Shape names;
  for (int64_t name = 0; name < letters; ++name)
    if (count[name] == 1)
      names.push_back(name);
  llvm::sort(names, [](int64_t a, int64_t b) { return letterOfName(a) < letterOfName(b); });
  return {names, size_t{0}};
}

std::optional<EinsumEquation> parseEinsum(StringRef mode, ArrayRef<Shape> shapes, std::string &error) {
  std::string compact;
  for (char c : mode)
    if (c != ' ')
      compact += c;
  StringRef whole = compact;
  const size_t arrow = whole.find("->");
  SmallVector<StringRef> parts;
  whole.take_front(arrow).split(parts, ',');
  if (parts.size() != shapes.size() || shapes.size() > maxInputs) {
    error = "names " + std::to_string(parts.size()) + " tensors, but has " + std::to_string(shapes.size()) +
            " inputs; up to " + std::to_string(maxInputs) + " are possible";
    return std::nullopt;
  }
  EinsumEquation equation;
  equation.extents.assign(letters + maxEllipsis, 1);
  size_t ellipsis = 0;
  for (auto [part, shape] : llvm::zip(parts, shapes)) {
    std::optional<WrittenNames> written = readNames(part, error);
    if (!written || !addInput(equation, *written, shape, ellipsis, error))
      return std::nullopt;
  }
  WrittenNames result = impliedResult(equation);
  if (arrow != StringRef::npos) {
    std::optional<WrittenNames> written = readNames(whole.drop_front(arrow + 2), error);
    if (!written)
      return std::nullopt;
    result = *written;
  }
  equation.result = namesOfAxes(result, ellipsis);
  for (auto [index, name] : llvm::enumerate(equation.result))
    if (llvm::is_contained(ArrayRef(equation.result).take_front(index), name) ||
        llvm::none_of(equation.inputs, [name = name](const Shape &names) { return llvm::is_contained(names, name); })) {
      error = "has a result that names an axis twice, or one that no input has";
      return std::nullopt;
    }
  return equation;
}

int64_t einsumFlops(const EinsumEquation &equation) {
  int64_t flops = 0;
  Shape seen = equation.inputs.front();
  for (size_t i = 1; i < equation.inputs.size() || i == 1; ++i) {
    if (i < equation.inputs.size())
      llvm::append_range(seen, equation.inputs[i]);
    llvm::sort(seen);
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    int64_t products = 1;
    for (int64_t name : seen)
      products *= equation.extents[name];
    flops += 2 * products;
    Shape needed = equation.result;
    for (size_t later = i + 1; later < equation.inputs.size(); ++later)
      llvm::append_range(needed, equation.inputs[later]);
    llvm::erase_if(seen, [&](int64_t name) { return !llvm::is_contained(needed, name); });
  }
  return flops;
}

static std::optional<EinsumEquation> equationOf(EinsumOp op, std::string &error) {
  SmallVector<Shape> shapes;
  for (Value input : op.getInputs())
    shapes.push_back(shapeVector(input));
  return parseEinsum(op.getMode(), shapes, error);
}

static FailureOr<Shape> resultShape(EinsumOp op) {
  std::string error;
  std::optional<EinsumEquation> equation = equationOf(op, error);
  if (!equation)
    return op.emitOpError(error);
  Shape shape = equation->resultShape();
  return failed(checkElements(op, shape)) ? FailureOr<Shape>(failure()) : shape;
}
LogicalResult EinsumOp::inferShapes() { return inferByRule(*this); }
LogicalResult EinsumOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs at least one input");
  return verifyByRule(*this);
}
int64_t EinsumOp::getFLOPs() {
  std::string error;
  std::optional<EinsumEquation> equation = operandsAreStatic(*this) ? equationOf(*this, error) : std::nullopt;
  return equation ? einsumFlops(*equation) : 0;
}
} // namespace tpu_mlir::top
