// Evaluates modules written in the test: operands are inputs with values in the test, results are compared as f32.
#pragma once
#include "tpu_mlir/Support/Tensor.h"

#include "mlir/IR/MLIRContext.h"

#include <string>
#include <vector>

namespace harness {

/// An operand: its type as MLIR writes it and its values, rounded to that type.
struct Operand {
  std::string type;
  std::vector<double> values;
};

struct Outcome {
  std::vector<std::vector<float>> results; // empty where evaluation failed
  std::string error;                       // the diagnostics
};

/// A context with both dialects and the evaluation models.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// Evaluates `op`, e.g. `"top.Add"(%0, %1) {…}`, whose operands %0, %1 … are given and %none is none; `attributes` in
/// braces, `result` its type.
Outcome evaluate(const std::string &op, const std::vector<Operand> &operands, const std::string &result);

/// Checks values (exactly, or within `tolerance`).
void expectValues(const std::string &op, const std::vector<Operand> &operands, const std::string &result,
                  const std::vector<double> &wanted, double tolerance = 0);
/// Checks that the evaluation is refused with a sentence that contains `words`.
void expectRefusal(const std::string &op, const std::vector<Operand> &operands, const std::string &result,
                   const std::string &words);

} // namespace harness
