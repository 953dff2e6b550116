// Calibration tables: the text format.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

namespace tpu_mlir::top {

struct CalibrationEntry {
  double threshold = 0;
  Range range;
};

struct CalibrationTable {
  llvm::StringMap<CalibrationEntry> entries;
  /// Values that are asymmetric in symmetric networks too.
  llvm::StringSet<> asymmetric;
};

/// Errors are one sentence that names the file and the line.
llvm::Expected<CalibrationTable> readCalibrationTable(llvm::StringRef path);

} // namespace tpu_mlir::top
