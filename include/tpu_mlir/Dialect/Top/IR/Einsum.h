// Einsum equations, and how one becomes permutations, reshapes, sums and products of two tensors at a time. The same
// steps make ops (canonicalization) and compute values (evaluation): an algebra says what a step does.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include "llvm/ADT/STLExtras.h"

#include <string>

namespace tpu_mlir::top {

/// The axes of tensors by name: a name is a number, its extent is in `extents`.
struct EinsumEquation {
  llvm::SmallVector<Shape> inputs;
  Shape result;
  Shape extents;
  Shape resultShape() const;
};

/// nullopt and a sentence without subject if the equation is none or the shapes do not fit it.
std::optional<EinsumEquation> parseEinsum(llvm::StringRef mode, llvm::ArrayRef<Shape> shapes, std::string &error);

/// Multiply-adds count as two.
int64_t einsumFlops(const EinsumEquation &equation);

/// Rewrites an equation as steps. An Algebra has a type Value and
///   Value reshape(Value, const Shape &shape)          the same elements in another shape
///   Value permute(Value, const Shape &order)
///   Value tile(Value, const Shape &repeats)           one entry per axis
///   Value sum(Value, const Shape &axes)               which are dropped; [1] if none is left
///   Value everyNth(Value, int64_t axis, int64_t step) from the first on
///   Value matmul(Value, Value)                        of the last two axes; the right one may have rank 2
///   Value mul(Value, Value)                           broadcasting
///   Shape shape(Value)
template <typename Algebra> class EinsumSteps {
public:
  using Value = typename Algebra::Value;
  EinsumSteps(const EinsumEquation &equation, Algebra &algebra) : equation(equation), algebra(algebra) {}

  Value run(llvm::ArrayRef<Value> inputs) {
    Term term = simplified(inputs[0], 0);
    for (size_t i = 1; i < inputs.size(); ++i)
      term = product(std::move(term), simplified(inputs[i], i), neededAfter(i));
    term = arranged(summed(std::move(term), equation.result), equation.result);
    const Shape wanted = equation.resultShape();
    const Shape own = algebra.shape(term.value);
    Shape repeats(own.size(), 1);
    for (size_t i = 0; i < term.names.size(); ++i)
      repeats[i] = wanted[i] / own[i];
    return tiled(term.value, repeats);
  }

private:
  /// A tensor with one axis per name; without names it has one element.
  struct Term {
    Value value;
    Shape names;
  };
  const EinsumEquation &equation;
  Algebra &algebra;

  static bool has(const Shape &names, int64_t name) { return llvm::is_contained(names, name); }

  Shape neededAfter(size_t input) const {
    Shape names = equation.result;
    for (size_t later = input + 1; later < equation.inputs.size(); ++later)
      llvm::append_range(names, equation.inputs[later]);
    return names;
  }
  Value reshaped(Value value, const Shape &shape) {
    return algebra.shape(value) == shape ? value : algebra.reshape(value, shape);
  }
  Value tiled(Value value, const Shape &repeats) {
    return llvm::all_of(repeats, [](int64_t n) { return n == 1; }) ? value : algebra.tile(value, repeats);
  }
  Value permuted(Value value, const Shape &order) {
    return llvm::is_sorted(order) ? value : algebra.permute(value, order);
  }
  /// Extents of a term's axes; none without names.
  Shape extents(const Term &term) { return term.names.empty() ? Shape() : algebra.shape(term.value); }

  /// An input without repeated names, and without those that only it has and the result does not.
  Term simplified(Value value, size_t input) {
    Term term{value, equation.inputs[input]};
    for (size_t axis = 0; axis < term.names.size(); ++axis)
      for (size_t other = term.names.size() - 1; other > axis; --other)
        if (term.names[other] == term.names[axis])
          takeDiagonal(term, axis, other);
    Shape needed = neededAfter(input);
    for (size_t earlier = 0; earlier < input; ++earlier)
      llvm::append_range(needed, equation.inputs[earlier]);
    return summed(std::move(term), needed);
  }

  /// The two axes go to the end and become one, of which every (extent + 1)-th element is on the diagonal.
  void takeDiagonal(Term &term, size_t axis, size_t other) {
    Shape order, names, shape = algebra.shape(term.value), rest;
    // An extent of 1 is repeated along the other one.
    const int64_t extent = std::max(shape[axis], shape[other]);
    Shape repeats(shape.size(), 1);
    repeats[axis] = extent / shape[axis];
    repeats[other] = extent / shape[other];
    term.value = tiled(term.value, repeats);
    for (size_t i = 0; i < shape.size(); ++i)
      if (i != axis && i != other) {
        order.push_back(i);
        rest.push_back(shape[i]);
        names.push_back(term.names[i]);
      }
    names.push_back(term.names[axis]);
    order.append({static_cast<int64_t>(axis), static_cast<int64_t>(other)});
    rest.push_back(extent * extent);
    Value flat = reshaped(permuted(term.value, order), rest);
    flat = algebra.everyNth(flat, rest.size() - 1, extent + 1);
    // Back to where the first of them was, so that what follows sees the order it knows.
    Shape back = llvm::to_vector(llvm::seq<int64_t>(0, rest.size() - 1));
    back.insert(back.begin() + axis, rest.size() - 1);
    term.value = permuted(flat, back);
    term.names.erase(term.names.begin() + other);
  }

  /// The sum over all names that are not needed.
  Term summed(Term term, const Shape &needed) {
    Shape axes, names;
    for (size_t i = 0; i < term.names.size(); ++i)
      if (has(needed, term.names[i]))
        names.push_back(term.names[i]);
      else
        axes.push_back(i);
    // A name whose other occurrence is longer counts once for each of its positions.
    Shape repeats(algebra.shape(term.value).size(), 1);
    for (int64_t axis : axes)
      repeats[axis] = equation.extents[term.names[axis]] / algebra.shape(term.value)[axis];
    if (axes.empty())
      return term;
    return {algebra.sum(tiled(term.value, repeats), axes), names};
  }

  Term arranged(Term term, const Shape &names) {
    Shape order;
    for (int64_t name : names)
      order.push_back(llvm::find(term.names, name) - term.names.begin());
    if (!names.empty())
      term.value = permuted(term.value, order);
    return {term.value, names};
  }

  /// The term with its axes in the order of the groups, those of a group joined; `common` ones, which both operands
  /// have, are repeated to their full extent.
  Value grouped(Term term, llvm::ArrayRef<Shape> groups, const Shape &common, llvm::ArrayRef<bool> apart) {
    Shape names;
    for (const Shape &group : groups)
      llvm::append_range(names, group);
    term = arranged(std::move(term), names);
    Shape own = extents(term), repeats(own.size(), 1), shape;
    for (size_t i = 0; i < names.size(); ++i)
      if (has(common, names[i]))
        repeats[i] = equation.extents[names[i]] / own[i];
    Value value = tiled(term.value, repeats);
    size_t next = 0;
    for (auto [group, isApart] : llvm::zip(groups, apart)) {
      int64_t joined = 1;
      for (size_t i = 0; i < group.size(); ++i, ++next) {
        const int64_t extent = own[next] * repeats[next];
        joined *= extent;
        if (isApart)
          shape.push_back(extent);
      }
      if (!isApart)
        shape.push_back(joined);
    }
    return reshaped(value, shape);
  }

  Term product(Term left, Term right, const Shape &needed) {
    if (left.names == right.names && llvm::all_of(left.names, [&](int64_t name) { return has(needed, name); }))
      return {algebra.mul(left.value, right.value), left.names};
    Shape batch, inner, rows, columns;
    for (int64_t name : left.names)
      (!has(right.names, name) ? rows : has(needed, name) ? batch : inner).push_back(name);
    for (int64_t name : right.names)
      if (!has(left.names, name))
        columns.push_back(name);
    Shape common = batch;
    llvm::append_range(common, inner);
    Shape shape;
    for (int64_t name : batch)
      shape.push_back(equation.extents[name]);
    Term result;
    for (const auto &[term, names] : {std::pair(&left, &rows), std::pair(&right, &columns)})
      for (int64_t name : *names)
        shape.push_back(extents(*term)[llvm::find(term->names, name) - term->names.begin()]);
    for (const Shape *names : {&batch, &rows, &columns})
      llvm::append_range(result.names, *names);
    if (shape.empty())
      shape.push_back(1);
    const bool few = batch.size() <= 2;
    Value value;
    if (inner.empty()) {
      Value a = grouped(left, {batch, rows, Shape()}, common, {false, false, false});
      Value b = grouped(right, {batch, Shape(), columns}, common, {false, false, false});
      value = algebra.mul(a, b);
    } else if (batch.empty() && !rows.empty() && rows.size() <= 3) {
      // A matrix on the right serves all rows, however many axes they have.
      Value a = grouped(left, {rows, inner}, common, {true, false});
      Value b = grouped(right, {inner, columns}, common, {false, false});
      value = algebra.matmul(a, b);
    } else {
      Value a = grouped(left, {batch, rows, inner}, common, {few, false, false});
      Value b = grouped(right, {batch, inner, columns}, common, {few, false, false});
      value = algebra.matmul(a, b);
    }
    result.value = reshaped(value, shape);
    return result;
  }
};

} // namespace tpu_mlir::top
