// What a group stores has an address, which the group's result shares; what stays in it has none. An operand of a
// concatenation lies inside of the concatenation's memory, also when the concatenation is a member and is not stored.
// RUN: tpuc-opt %s --address-assign -o %t
// RUN: FileCheck %s < %t
module @net attributes {module.chip = "bm1684x", module.inputs = ["x"], module.mode = "F32", module.outputs = ["g", "sum"], module.platform = "ONNX", module.state = "TPU_DIVIDED", module.top_run_mode = "STATIC"} {
  module @net attributes {module.device_id = 0 : i64, module.step = 0 : i64} {
    func.func @main(%arg0: tensor<1x2048xf32>) -> (tensor<1x4096xf32>, tensor<1x4096xf32>) {
      %0 = "top.Input"(%arg0) : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("x")
      %1:2 = call @subfunc_0(%0) : (tensor<1x2048xf32>) -> (tensor<1x4096xf32>, tensor<1x4096xf32>)
      return %1#0, %1#1 : tensor<1x4096xf32>, tensor<1x4096xf32>
    }
    // CHECK: func.func @subfunc_0(%arg0: tensor<1x2048xf32, [[X:[0-9]+]] : i64>{{.*}}) -> (tensor<1x4096xf32, [[G:[0-9]+]] : i64>, tensor<1x4096xf32, [[SUM:[0-9]+]] : i64>)
    func.func @subfunc_0(%arg0: tensor<1x2048xf32>) -> (tensor<1x4096xf32>, tensor<1x4096xf32>) attributes {id = 0 : i64, mode = #tpu<run_mode TPU_STATIC>, next_index = array<i32: -1>} {
      %n = "top.None"() : () -> none
      // CHECK: "tpu.Relu"(%arg0){{.*}} -> tensor<1x2048xf32, [[G]] : i64>
      %a = "tpu.Relu"(%arg0) : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("a")
      // CHECK: "tpu.Group"(%{{.*}})
      // CHECK: "tpu.Load"{{.*}}(tensor<1x2048xf32, [[G]] : i64>) -> tensor<1x2048xf32>
      // CHECK: "tpu.Relu"{{.*}} -> tensor<1x2048xf32>
      // CHECK: "tpu.Concat"{{.*}} -> tensor<1x4096xf32>
      // CHECK: "tpu.Store"{{.*}} -> tensor<1x4096xf32, [[G]] : i64>
      // CHECK: "tpu.Yield"{{.*}}tensor<1x4096xf32, [[G]] : i64>
      // CHECK: (tensor<1x2048xf32, [[G]] : i64>) -> tensor<1x4096xf32, [[G]] : i64>
      %g = "tpu.Group"(%a) ({
        %l = "tpu.Load"(%a) {lmem_type = 1 : i64} : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("load_a")
        %b = "tpu.Relu"(%l) : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("b")
        %c = "tpu.Concat"(%l, %b) {axis = 1 : si32} : (tensor<1x2048xf32>, tensor<1x2048xf32>) -> tensor<1x4096xf32> loc("g")
        %s = "tpu.Store"(%c, %n) : (tensor<1x4096xf32>, none) -> tensor<1x4096xf32> loc("g")
        "tpu.Yield"(%s) : (tensor<1x4096xf32>) -> ()
      }) {nsecs = 1 : i64, hsecs = 1 : i64, dsecs = 1 : i64, wsecs = 1 : i64, csecs = 1 : i64, swpipl_stage_num = 3 : i64, group_type = 0 : i64} : (tensor<1x2048xf32>) -> tensor<1x4096xf32> loc("g")
      // CHECK: "tpu.Relu"(%arg0){{.*}} -> tensor<1x2048xf32, [[D:[0-9]+]] : i64>
      %d = "tpu.Relu"(%arg0) : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("d")
      // CHECK: "tpu.Store"{{.*}} -> tensor<1x4096xf32, [[SUM]] : i64>
      %h = "tpu.Group"(%d, %arg0) ({
        %l = "tpu.Load"(%d) {lmem_type = 1 : i64} : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("load_d")
        %m = "tpu.Load"(%arg0) {lmem_type = 1 : i64} : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("load_x")
        %b = "tpu.Relu"(%m) : (tensor<1x2048xf32>) -> tensor<1x2048xf32> loc("e")
        %c = "tpu.Concat"(%l, %b) {axis = 1 : si32} : (tensor<1x2048xf32>, tensor<1x2048xf32>) -> tensor<1x4096xf32> loc("cat")
        %r = "tpu.Relu"(%c) : (tensor<1x4096xf32>) -> tensor<1x4096xf32> loc("sum")
        %s = "tpu.Store"(%r, %n) : (tensor<1x4096xf32>, none) -> tensor<1x4096xf32> loc("sum")
        "tpu.Yield"(%s) : (tensor<1x4096xf32>) -> ()
      }) {nsecs = 1 : i64, hsecs = 1 : i64, dsecs = 1 : i64, wsecs = 1 : i64, csecs = 1 : i64, swpipl_stage_num = 3 : i64, group_type = 0 : i64} : (tensor<1x2048xf32>, tensor<1x2048xf32>) -> tensor<1x4096xf32> loc("sum")
      return %g, %h : tensor<1x4096xf32>, tensor<1x4096xf32>
    }
  }
}
