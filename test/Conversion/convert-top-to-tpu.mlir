// Ops take the mode's type, weights are converted under new names, casts stand at the network's borders only; a quantize
// table keeps single ops in another type.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="weightFileName=w.npz" -o %t/f16.mlir
// RUN: FileCheck %s < %t/f16.mlir
// RUN: %show_weights %t/w.npz | FileCheck %s --check-prefix=VALUES
// RUN: echo "pool F32" > %t/table.txt
// RUN: tpuc-opt %t/net.mlir --convert-top-to-tpu="qtable=%t/table.txt weightFileName=w2.npz" -o %t/mix.mlir
// RUN: FileCheck %s --check-prefix=MIX < %t/mix.mlir
// RUN: echo "pool INT3" > %t/table.txt
// RUN: not tpuc-opt %t/net.mlir --convert-top-to-tpu="qtable=%t/table.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=TABLE
// RUN: echo "pol F32" > %t/table.txt
// RUN: not tpuc-opt %t/net.mlir --convert-top-to-tpu="qtable=%t/table.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: echo "pool INT8" > %t/table.txt
// RUN: not tpuc-opt %t/net.mlir --convert-top-to-tpu="qtable=%t/table.txt" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not tpuc-opt %t/net.mlir --convert-top-to-tpu="quant_mode=TFLite" -o %t/bad.mlir 2>&1 | FileCheck %s --check-prefix=QUANTMODE
// WEIGHT filter = ramp(2, 1, 1, 3)
// WEIGHT bias = [1, 2]
// VALUES: bias f32 2: 1 2
// VALUES: filter_f16 u16 2x1x1x3: 0 15360 16384 16896 17408 17664
// TABLE: line 1: expected a name and one of F32, F16, BF16, INT8, W8F16
// NAME: line 1: the model has no op 'pol'; the most similar names are 'pool', {{.*}}
// RANGE: 'pool' has no calibrated range, which INT8 needs
// QUANTMODE: quant_mode 'TFLite' is not supported; use OnlyScale or MultiplierShift
module @net attributes {module.chip = "bm1684x", module.mode = "F16", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK: module.state = "TPU_LOWERED"
  // CHECK: %[[X:.+]] = "top.Input"(%arg0)
  // CHECK: %[[H:.+]] = "tpu.Cast"(%[[X]]) {{.*}} -> tensor<1x1x4x5xf16> loc(#[[CAST:.+]])
  // CHECK-DAG: %[[F:.+]] = "top.Weight"() : () -> tensor<2x1x1x3xf16>
  // CHECK-DAG: %[[B:.+]] = "top.Weight"() : () -> tensor<2xf32>
  // CHECK: %[[C:.+]] = "tpu.Conv2D"(%[[H]], %[[F]], %[[B]]) {{.*}} -> tensor<1x2x4x3xf16>
  // CHECK: %[[P:.+]] = "tpu.Pool2D"(%[[C]]) {{.*}}pool_mode = #tpu<pool_mode Avg>{{.*}} -> tensor<1x2x2x1xf16>
  // CHECK: %[[Y:.+]] = "tpu.Cast"(%[[P]]) {{.*}} -> tensor<1x2x2x1xf32> loc(#[[OUT:.+]])
  // CHECK: return %[[Y]]
  // CHECK-DAG: #[[CAST]] = loc("x_f16")
  // CHECK-DAG: #[[OUT]] = loc("pool_f32")
  // MIX: %[[C:.+]] = "tpu.Conv2D"{{.*}} -> tensor<1x2x4x3xf16>
  // MIX: %[[W:.+]] = "tpu.Cast"(%[[C]]) {{.*}} -> tensor<1x2x4x3xf32>
  // MIX: %[[P:.+]] = "tpu.Pool2D"(%[[W]]) {{.*}} -> tensor<1x2x2x1xf32>
  // MIX: return %[[P]]
  func.func @main(%arg0: tensor<1x1x4x5xf32>) -> tensor<1x2x2x1xf32> {
    %0 = "top.Input"(%arg0) : (tensor<1x1x4x5xf32>) -> tensor<1x1x4x5xf32> loc("x")
    %1 = "top.Weight"() : () -> tensor<2x1x1x3xf32> loc("filter")
    %2 = "top.Weight"() : () -> tensor<2xf32> loc("bias")
    %3 = "top.Conv"(%0, %1, %2) {kernel_shape = [1, 3], strides = [1, 1], pads = [0, 0, 0, 0]} : (tensor<1x1x4x5xf32>, tensor<2x1x1x3xf32>, tensor<2xf32>) -> tensor<1x2x4x3xf32> loc("conv")
    %4 = "top.AvgPool"(%3) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]} : (tensor<1x2x4x3xf32>) -> tensor<1x2x2x1xf32> loc("pool")
    return %4 : tensor<1x2x2x1xf32>
  }
}
