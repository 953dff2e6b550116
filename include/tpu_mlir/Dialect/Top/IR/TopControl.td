// Top ops: control flow and user-defined ops. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_CONTROL
#define TPU_MLIR_TOP_CONTROL
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

// What an op with regions does is what the ops in them do. Values from outside of a region are used as they are.
class Top_RegionOp<string mnemonic, list<Trait> traits = []>
  : Top_BaseOp<mnemonic, !listconcat([RecursiveMemoryEffects, RecursivelySpeculatable, SingleBlock,
                                      DeclareOpInterfaceMethods<ShapeInterface>,
                                      DeclareOpInterfaceMethods<FlopsInterface>], traits)> {
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Top_IfOp : Top_RegionOp<"If"> {
  let summary = "One of two branches";
  let description = [{
    The results are what Yield gives in `then_branch` if `cond` is not 0, otherwise in `else_branch`. The branches use
    values from outside by themselves. Only the branch that is taken is evaluated. Canonicalization puts the branch of a
    constant condition in the op's place. FLOPs count both branches.

    Constraints:
    1. `cond` has one element.
    2. There is at least one result; both branches yield as many values, of the same shapes.
    3. The branches have no arguments.

    Example:

    ```mlir
    %y = "top.If"(%cond) ({
      %a = "top.Abs"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
      "top.Yield"(%a) : (tensor<2x3xf32>) -> ()
    }, {
      "top.Yield"(%x) : (tensor<2x3xf32>) -> ()
    }) : (tensor<1xf32>) -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins
    AnyTensor:$cond
  );
  let results = (outs Variadic<AnyTensor>:$output);
  let regions = (region SizedRegion<1>:$then_branch, SizedRegion<1>:$else_branch);
}

def Top_LoopOp : Top_RegionOp<"Loop"> {
  let summary = "Repeats its body";
  let description = [{
    As ONNX's Loop. The body has the arguments iteration (0, 1 ...), condition, and one per carried value, which is
    `v_initial` at first. It yields the next condition, the next carried values, and values to collect. Another iteration
    runs while its number is less than `M` (none: always) and the condition, at first `cond`, is not 0; without `cond` the
    yielded condition does not count. The results are the last carried values, then the collected ones, joined along a
    new first axis, whose extent must follow from `M` where shapes are inferred. The body uses values from outside by
    themselves. Canonicalization unrolls a loop whose number of iterations is known unless it would be long. FLOPs count
    the body once if this number is not known.

    Constraints:
    1. `M` and `cond` have one element each; at least one of them is given.
    2. There is at least one result; the body has two arguments more than there are carried values, and yields one value
       more than there are results.
    3. A carried value keeps its shape.
    4. There are at most 2^20 iterations.

    Example:

    ```mlir
    // %m: constant 3
    %y:2 = "top.Loop"(%m, %n, %x) ({
    ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):
      %w = "top.Add"(%v, %v) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      "top.Yield"(%c, %w, %v) : (tensor<1xf32>, tensor<2xf32>, tensor<2xf32>) -> ()
    }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>, tensor<3x2xf32>)
    ```
  }];
  let arguments = (ins
    AnyTensorOrNone:$M,
    AnyTensorOrNone:$cond,
    Variadic<AnyTensorOrNone>:$v_initial
  );
  let results = (outs Variadic<AnyTensorOrNone>:$v_final_and_scan_outputs);
  let regions = (region SizedRegion<1>:$body);
}

def Top_YieldOp : Top_BaseOp<"Yield", [Pure, Terminator, ParentOneOf<["IfOp", "LoopOp"]>]> {
  let summary = "Ends a branch or a body and gives its values";
  let description = [{
    See If and Loop.

    Constraints:
    1. It ends a region of If or Loop.

    Example:

    ```mlir
    %y = "top.If"(%cond) ({
      "top.Yield"(%a) : (tensor<4xf32>) -> ()
    }, {
      "top.Yield"(%b) : (tensor<4xf32>) -> ()
    }) : (tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$operands
  );
  let results = (outs);
}

def Top_CustomOp : Top_Op<"Custom"> {
  let summary = "An op of the user's own";
  let description = [{
    `name` says which, `params` are dictionaries of what it takes besides its inputs. It is evaluated by a function that is
    registered under its name (`ModuleInterpreter(module, custom={name: function})` in Python). Nothing is known of its
    results, so that their types must state the shapes.

    Constraints:
    1. There is at least one result; `name` is not empty.

    Example:

    ```mlir
    %y = "top.Custom"(%x) {name = "rotate", params = [{angle = 90 : i64} ]} : (tensor<2x3xf32>) -> tensor<3x2xf32>
    ```
  }];
  let arguments = (ins
    Variadic<AnyTensor>:$inputs,
    StrAttr:$name,
    DictArrayAttr:$params
  );
  let results = (outs Variadic<AnyTensor>:$outputs);
}
#endif
