// The branch of a constant condition takes the place of its If.
// RUN: %make_net %s %t
// RUN: tpuc-opt %t/net.mlir --canonicalize | FileCheck %s
// WEIGHT one = np.array([1])
// WEIGHT zero = np.array([0])
module @net attributes {module.chip = "ALL", module.platform = "ONNX", module.state = "TOP_F32", module.top_run_mode = "STATIC", module.weight_file = "in.npz"} {
  // CHECK-LABEL: func.func @then
  // CHECK-NEXT: "top.Abs"(%arg0)
  // CHECK-NEXT: return
  func.func @then(%x: tensor<2xf32>) -> tensor<2xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("one")
    %y = "top.If"(%c) ({
      %a = "top.Abs"(%x) : (tensor<2xf32>) -> tensor<2xf32> loc("a")
      "top.Yield"(%a) : (tensor<2xf32>) -> ()
    }, {
      %b = "top.Exp"(%x) : (tensor<2xf32>) -> tensor<2xf32> loc("b")
      "top.Yield"(%b) : (tensor<2xf32>) -> ()
    }) : (tensor<1xf32>) -> tensor<2xf32> loc("y")
    return %y : tensor<2xf32>
  }
  // CHECK-LABEL: func.func @outer_value
  // CHECK-NEXT: "top.Abs"(%arg0)
  // CHECK-NEXT: return
  func.func @outer_value(%x: tensor<2xf32>) -> tensor<2xf32> {
    %c = "top.Weight"() : () -> tensor<1xf32> loc("zero")
    %y = "top.If"(%c) ({
      %a = "top.Exp"(%x) : (tensor<2xf32>) -> tensor<2xf32> loc("a")
      "top.Yield"(%a) : (tensor<2xf32>) -> ()
    }, {
      "top.Yield"(%x) : (tensor<2xf32>) -> ()
    }) : (tensor<1xf32>) -> tensor<2xf32> loc("y")
    %z = "top.Abs"(%y) : (tensor<2xf32>) -> tensor<2xf32> loc("z")
    return %z : tensor<2xf32>
  }
  // CHECK-LABEL: func.func @computed
  // CHECK: "top.If"(%arg1)
  func.func @computed(%x: tensor<2xf32>, %c: tensor<1xf32>) -> tensor<2xf32> {
    %y = "top.If"(%c) ({
      %a = "top.Exp"(%x) : (tensor<2xf32>) -> tensor<2xf32> loc("a")
      "top.Yield"(%a) : (tensor<2xf32>) -> ()
    }, {
      "top.Yield"(%x) : (tensor<2xf32>) -> ()
    }) : (tensor<1xf32>) -> tensor<2xf32> loc("y")
    return %y : tensor<2xf32>
  }
}
