// Values get the ranges of a table: symmetric, asymmetric, cut off by what ops can give, kept through moves and maximum
// pools, shared by the operands of a Concat; bad tables are errors with file and line, differences are reported.
// RUN: rm -rf %t && mkdir -p %t
// RUN: printf '# header\nx 2.5 -2.0 3.0\nrelu 1.5 0.0 4.0\nclip 9 -9 9\nneg 2.0 -2.0 1.0\nlow 4 -4 2\ntop 1.0 0.5 2.0\npool 1.0 0.0 3.0\nside 1.25 -1.5 0.5\ncat 1.75 -1.5 2.0\nboth 2.0 -2.0 2.0\nunknown 1 -1 1\n' > %t/table.txt
// RUN: tpuc-opt %s --import-calibration-table="file=%t/table.txt asymmetric=false" -o %t/sym.mlir 2> %t/warnings.txt
// RUN: FileCheck %s --check-prefix=SYM < %t/sym.mlir
// RUN: FileCheck %s --check-prefix=WARN < %t/warnings.txt
// RUN: tpuc-opt %s --import-calibration-table="file=%t/table.txt" -o %t/asym.mlir
// RUN: FileCheck %s --check-prefix=ASYM < %t/asym.mlir
// RUN: printf '#asym_op\nx\n###\n' >> %t/table.txt
// RUN: tpuc-opt %s --import-calibration-table="file=%t/table.txt asymmetric=false" -o %t/mixed.mlir
// RUN: FileCheck %s --check-prefix=MIXED < %t/mixed.mlir
// RUN: printf 'x 1 -1\n' > %t/bad.txt
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/bad.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=WORDS
// RUN: printf '# comment\n\nx 0.0 0.0 0.0\n' > %t/bad.txt
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/bad.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: printf 'x nan -1 1\n' > %t/bad.txt
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/bad.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=NAN
// RUN: printf 'x 1 2 1\n' > %t/bad.txt
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/bad.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: printf '#int4_th\nx 1 -1 1\n' > %t/bad.txt
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/bad.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=SECTION
// RUN: printf 'a 1 -1 1\nb 1 -1 1\n' > %t/bad.txt
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/bad.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not tpuc-opt %s --import-calibration-table="file=%t/none.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not tpuc-opt %s --import-calibration-table -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// WARN: 1 names that the model lacks are in '{{.*}}table.txt': 'unknown'
// WARN: 1 values of the model have no range in '{{.*}}table.txt': 'bare'
// WORDS: bad.txt', line 1: expected NAME THRESHOLD MIN MAX, got 3 words
// ZERO: bad.txt', line 3: the threshold of 'x' is 0.0; it must be positive
// NAN: bad.txt', line 1: threshold, minimum and maximum of 'x' must be finite numbers
// EMPTY: bad.txt', line 1: the minimum of 'x' exceeds its maximum
// SECTION: bad.txt', line 2: section #int4_th is not supported
// OTHER: bad.txt' has no name of this model
// MISSING: calibration table '{{.*}}none.txt': No such file or directory
// FILE: file is missing
module @net attributes {module.chip = "bm1684x", module.mode = "INT8", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC"} {
  // SYM: module.state = "TOP_CALIBRATED"
  // SYM: func.func @main(%arg0: tensor<1x1x4x4xf32>
  // SYM: "top.Input"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-2.500000e+00:2.500000e+00>>>
  // SYM: "top.Add"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<0.000000e+00:1.500000e+00>>>
  // SYM: "top.Clip"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.000000e+00:2.000000e+00>>>
  // SYM: "top.Sigmoid"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<0.000000e+00:1.000000e+00>>>
  // Everything on the way to the Concat has its range.
  // SYM: "top.SubConst"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.750000e+00:1.750000e+00>>>
  // SYM: "top.MaxPool"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.750000e+00:1.750000e+00>>>
  // SYM: "top.Permute"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.750000e+00:1.750000e+00>>>
  // SYM: "top.MulConst"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.750000e+00:1.750000e+00>>>
  // SYM: "top.Concat"{{.*}} -> tensor<1x2x4x4x!quant.calibrated<f32<-1.750000e+00:1.750000e+00>>>
  // SYM: "top.AddConst"{{.*}} -> tensor<1x1x4x4xf32>
  // A maximum pool drops the lowest values, so that they need no place in its operand.
  // SYM: "top.Tanh"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<0.000000e+00:1.000000e+00>>>
  // SYM: "top.MaxPool"{{.*}} -> tensor<1x1x2x2x!quant.calibrated<f32<0.000000e+00:1.000000e+00>>>
  // A gate goes straight into the type of what it is joined with; the input, which others use too, keeps its own.
  // SYM: "top.Sigmoid"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-2.000000e+00:2.000000e+00>>>
  // SYM: "top.Concat"{{.*}} : {{.*}}<f32<-2.500000e+00:2.500000e+00>>>) -> tensor<1x2x4x4x!quant.calibrated<f32<-2.000000e+00:2.000000e+00>>>
  // ASYM: "top.Input"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-2.000000e+00:3.000000e+00>>>
  // ASYM: "top.Add"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<0.000000e+00:2.000000e+00>>>
  // ASYM: "top.MulConst"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.500000e+00:2.000000e+00>>>
  // ASYM: "top.Concat"{{.*}} -> tensor<1x2x4x4x!quant.calibrated<f32<-1.500000e+00:2.000000e+00>>>
  // MIXED: "top.Input"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-2.000000e+00:3.000000e+00>>>
  // MIXED: "top.SubConst"{{.*}} -> tensor<1x1x4x4x!quant.calibrated<f32<-1.750000e+00:1.750000e+00>>>
  func.func @main(%arg0: tensor<1x1x4x4xf32>) -> (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>, tensor<1x2x4x4xf32>) {
    %0 = "top.Input"(%arg0) : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("x")
    %1 = "top.Add"(%0, %0) {do_relu = true, relu_limit = 2.0 : f64} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("relu")
    %2 = "top.Clip"(%0) {min = -1.0 : f64, max = 2.0 : f64} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("clip")
    %3 = "top.Sigmoid"(%1) : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("sigmoid")
    %4 = "top.SubConst"(%2) {const_val = 1.0 : f64} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("neg")
    %5 = "top.MaxPool"(%4) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("pool")
    %6 = "top.Permute"(%5) {order = [0, 1, 3, 2]} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("turned")
    %7 = "top.MulConst"(%2) {const_val = 1.0 : f64} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("side")
    %8 = "top.Concat"(%6, %7) {axis = 1 : si32} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> loc("cat")
    %9 = "top.AddConst"(%3) {const_val = 1.0 : f64} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("bare")
    %10 = "top.Tanh"(%2) : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("low")
    %11 = "top.MaxPool"(%10) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]} : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32> loc("top")
    %12 = "top.Sigmoid"(%2) : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32> loc("gate")
    %13 = "top.Concat"(%12, %0) {axis = 1 : si32} : (tensor<1x1x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32> loc("both")
    return %8, %9, %11, %13 : tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>, tensor<1x1x2x2xf32>, tensor<1x2x4x4xf32>
  }
}
