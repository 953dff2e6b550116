// Groups with loads, stores, slices and tiles as a plan file says them; views of what is in a group stand in it and, where
// others read them, behind it.
// RUN: tpuc-opt %s --layer-group="config_filename=%S/Inputs/layer-group-plan.json debugger=1 debugger_filename=%t.txt" -o %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=DUMP < %t.txt
// The module says what is compiled, also where it was edited.
// RUN: tpuc-opt %t --address-assign --codegen="model_file=%t.bmodel bmodel_only=true" -o %t.final
// RUN: FileCheck %s --check-prefix=FINAL < %t.final
// RUN: sed "s/hsecs = 2/hsecs = 1/" %t > %t.edited
// RUN: tpuc-opt %t.edited --address-assign --codegen="model_file=%t.other bmodel_only=true" -o %t.final
// RUN: not cmp %t.bmodel %t.other
// RUN: sed "s/hsecs = 2/hsecs = 5/" %t > %t.edited
// RUN: not tpuc-opt %t.edited --address-assign --codegen="model_file=%t.other" -o %t.final 2>&1 | FileCheck %s --check-prefix=HSECS
// RUN: sed "s/lg_tile = \[1, 1, 1, 128, 1\]/lg_tile = [1, 1, 3, 128, 1]/" %t > %t.edited
// RUN: not tpuc-opt %t.edited --address-assign --codegen="model_file=%t.other" -o %t.final 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: sed "s/NHWCK/KHWCN/" %t > %t.edited
// RUN: not tpuc-opt %t.edited --address-assign --codegen="model_file=%t.other" -o %t.final 2>&1 | FileCheck %s --check-prefix=ORDER
// Options.
// RUN: tpuc-opt %s --layer-group="opt=0 budget=65536" -o %t
// RUN: FileCheck %s --check-prefix=ALONE < %t
// RUN: not tpuc-opt %s --layer-group="compress_mode=weight" -o %t 2>&1 | FileCheck %s --check-prefix=REFUSED
// RUN: not tpuc-opt %s --layer-group="enable_lghash=true" -o %t 2>&1 | FileCheck %s --check-prefix=HASH
// RUN: not tpuc-opt %s --layer-group="debugger=1" -o %t 2>&1 | FileCheck %s --check-prefix=DEBUGGER
// RUN: not tpuc-opt %s --layer-group="budget=1" -o %t 2>&1 | FileCheck %s --check-prefix=BUDGET
// RUN: not tpuc-opt %s --layer-group="config_filename=%t.none" -o %t 2>&1 | FileCheck %s --check-prefix=CONFIG
// ALONE: lg_options = {budget = 65536 : i64, opt = 0 : i64, overlap = true}
// ALONE-NOT: tpu.Group
// ALONE: "tpu.Pool2D"{{.*}}lg_order = {{.*}}lg_tile = [
// REFUSED: bm1684x has no compression
// HASH: need one another
// DEBUGGER: needs debugger_filename
// BUDGET: budget has to be between
// CONFIG: cannot be read
// HSECS: hsecs is 5; the results have 4 positions along this axis
// TILE: lg_tile is 3 along h; possible are 1 and smaller multiples of 1
// ORDER: lg_order has to hold the letters
// DUMP: 6 ops in 3 groups
// DUMP: group 0: slices n 1, h 2, w 1
// DUMP: tpu.Pool2D 'p'
// DUMP: load 0
// DUMP: group 1: tiles n 1, c 1, h 1, w 128, k 1, order NHWCK
// DUMP: tpu.AddConst 'a'
module @net attributes {module.chip = "bm1684x", module.inputs = ["x", "y"], module.mode = "F32", module.outputs = ["s", "b", "r"], module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  module @net attributes {module.device_id = 0 : i64, module.step = 0 : i64} {
    func.func @main(%arg0: tensor<1x4x8x8xf32>, %arg1: tensor<1x4x4x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x4x2x2xf32>, tensor<1x16xf32>) {
      %0 = "top.Input"(%arg0) : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> loc("x")
      %1 = "top.Input"(%arg1) : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc("y")
      %2:3 = call @subfunc_0(%0, %1) : (tensor<1x4x8x8xf32>, tensor<1x4x4x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x4x2x2xf32>, tensor<1x16xf32>)
      return %2#0, %2#1, %2#2 : tensor<1x4x4x4xf32>, tensor<1x4x2x2xf32>, tensor<1x16xf32>
    }
    // CHECK: func.func @subfunc_0{{.*}}lg_options = {budget = 262144 : i64, opt = 2 : i64, overlap = true}
    // CHECK: %[[NONE:.+]] = "top.None"
    // CHECK: %[[G:.+]]:2 = "tpu.Group"(%arg0, %arg1)
    // CHECK-NEXT: %[[X:.+]] = "tpu.Load"(%arg0) {{.*}}eu_align = true{{.*}}h_idx = [0, 4], h_slice = [4, 4]{{.*}}id = 0, stage = 0{{.*}}lmem_type = 1 : i64
    // CHECK-NEXT: %[[P:.+]] = "tpu.Pool2D"(%[[X]]){{.*}}h_idx = [0, 2], h_slice = [2, 2]{{.*}}id = 1, stage = 1
    // CHECK-NEXT: %[[Y:.+]] = "tpu.Load"(%arg1)
    // CHECK-NEXT: %[[S:.+]] = "tpu.Add"(%[[P]], %[[Y]])
    // CHECK-NEXT: %[[STORED:.+]] = "tpu.Store"(%[[S]], %[[NONE]]){{.*}}stage = 2
    // CHECK-NEXT: %[[Q:.+]] = "tpu.Pool2D"(%[[S]])
    // CHECK-NEXT: "tpu.Store"(%[[Q]], %[[NONE]])
    // CHECK-NEXT: "tpu.Yield"
    // CHECK: flow = [-1, 0, {{.*}}hsecs = 2
    // CHECK: %[[V:.+]] = "tpu.Reshape"(%[[G]]#1)
    // CHECK: %[[H:.+]] = "tpu.Group"(%[[G]]#1)
    // CHECK: "tpu.Load"(%[[G]]#1)
    // CHECK-NEXT: "tpu.AddConst"
    // CHECK-NEXT: "tpu.Relu"
    // CHECK-NEXT: "tpu.Store"
    // CHECK: hsecs = 1 : i64, lg_order = "NHWCK", lg_tile = [1, 1, 1, 128, 1]
    // CHECK: %[[R:.+]] = "tpu.Relu"(%[[V]]){{.*}}lg_order = "NCHWK", lg_tile = [1, 1, 1, 128, 1]
    // CHECK: return %[[G]]#0, %[[H]], %[[R]]
    // FINAL: "tpu.Load"(%arg0){{.*}}(tensor<1x4x8x8xf32, {{[0-9]+}} : i64>) -> tensor<1x4x8x8xf32>
    // FINAL: "tpu.Store"{{.*}} -> tensor<1x4x4x4xf32, {{[0-9]+}} : i64>
    func.func @subfunc_0(%arg0: tensor<1x4x8x8xf32>, %arg1: tensor<1x4x4x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x4x2x2xf32>, tensor<1x16xf32>) attributes {id = 0 : i64, mode = #tpu<run_mode TPU_STATIC>, next_index = array<i32: -1>} {
      %p = "tpu.Pool2D"(%arg0) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32> loc("p")
      %s = "tpu.Add"(%p, %arg1) : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32> loc("s")
      %q = "tpu.Pool2D"(%s) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], pool_mode = #tpu<pool_mode Max>} : (tensor<1x4x4x4xf32>) -> tensor<1x4x2x2xf32> loc("q")
      %v = "tpu.Reshape"(%q) {shape = [1, 16]} : (tensor<1x4x2x2xf32>) -> tensor<1x16xf32> loc("v")
      %a = "tpu.AddConst"(%q) {const_val = 1.0 : f64} : (tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> loc("a")
      %b = "tpu.Relu"(%a) : (tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32> loc("b")
      %r = "tpu.Relu"(%v) : (tensor<1x16xf32>) -> tensor<1x16xf32> loc("r")
      return %s, %b, %r : tensor<1x4x4x4xf32>, tensor<1x4x2x2xf32>, tensor<1x16xf32>
    }
  }
}
