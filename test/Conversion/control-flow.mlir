// Control flow is refused with one sentence, before anything in it.
// RUN: not tpuc-opt %s --processor-assign="chip=bm1684x mode=F16" --convert-top-to-tpu 2>&1 | FileCheck %s
// CHECK: error: 'top.If' op 'y' is control flow, which bm1684x has no commands for; make its condition or number of iterations constant, or cut the model there
// CHECK-NOT: error
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  func.func @main(%arg0: tensor<1xf32>, %arg1: tensor<2x3xf32>) -> tensor<2x3xf32> {
    %c = "top.Input"(%arg0) : (tensor<1xf32>) -> tensor<1xf32> loc("c")
    %x = "top.Input"(%arg1) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("x")
    %y = "top.If"(%c) ({
      %a = "top.Reverse"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("a")
      "top.Yield"(%a) : (tensor<2x3xf32>) -> ()
    }, {
      "top.Yield"(%x) : (tensor<2x3xf32>) -> ()
    }) : (tensor<1xf32>) -> tensor<2x3xf32> loc("y")
    return %y : tensor<2x3xf32>
  }
}
