// Every constraint of branches and loops.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%c: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{needs at least one result}}
  "top.If"(%c) ({ "top.Yield"() : () -> () }, { "top.Yield"() : () -> () }) : (tensor<1xf32>) -> ()
  return
}

// -----

func.func @f(%c: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{yields 0 values where 1 are needed}}
  %0:1 = "top.If"(%c) ({ "top.Yield"(%x) : (tensor<2xf32>) -> () }, { "top.Yield"() : () -> () }) : (tensor<1xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%c: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{yields 3 for a result of shape 2}}
  %0:1 = "top.If"(%c) ({ "top.Yield"(%x) : (tensor<2xf32>) -> () }, { "top.Yield"(%z) : (tensor<3xf32>) -> () }) : (tensor<1xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%c: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{needs one element as condition, got 2}}
  %0:1 = "top.If"(%x) ({ "top.Yield"(%x) : (tensor<2xf32>) -> () }, { "top.Yield"(%x) : (tensor<2xf32>) -> () }) : (tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%c: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{has a branch with arguments}}
  %0 = "top.If"(%c) ({ ^bb0(%a: tensor<2xf32>):  "top.Yield"(%x) : (tensor<2xf32>) -> () }, { "top.Yield"(%x) : (tensor<2xf32>) -> () }) : (tensor<1xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%c: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{failed to verify constraint: region with 1 blocks}}
  %0 = "top.If"(%c) ({ "top.Yield"(%x) : (tensor<2xf32>) -> () }, {}) : (tensor<1xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{has neither a number of iterations nor a condition}}
  %0:1 = "top.Loop"(%n, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c, %v) : (tensor<1xf32>, tensor<2xf32>) -> ()  }) : (none, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{needs at least one result}}
  "top.Loop"(%m, %n) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>):  "top.Yield"(%c) : (tensor<1xf32>) -> ()  }) : (tensor<1xf32>, none) -> ()
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{has 1 results for 2 carried values}}
  %0:1 = "top.Loop"(%m, %n, %x, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c, %v) : (tensor<1xf32>, tensor<2xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{needs carried values that are tensors}}
  %0:1 = "top.Loop"(%m, %n, %n) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c, %v) : (tensor<1xf32>, tensor<2xf32>) -> ()  }) : (tensor<1xf32>, none, none) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{needs results that are tensors}}
  %0:1 = "top.Loop"(%m, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c, %v) : (tensor<1xf32>, tensor<2xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>) -> (none)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{has a body with 2 arguments where 3 are needed}}
  %0:1 = "top.Loop"(%m, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>):  "top.Yield"(%c, %c) : (tensor<1xf32>, tensor<1xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{yields 1 values where 2 are needed}}
  %0:1 = "top.Loop"(%m, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c) : (tensor<1xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{carries a value of shape 2 as 3; its shape must stay}}
  %0:1 = "top.Loop"(%m, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c, %z) : (tensor<1xf32>, tensor<3xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{needs one element as number of iterations, got 2}}
  %0:1 = "top.Loop"(%x, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%c, %v) : (tensor<1xf32>, tensor<2xf32>) -> ()  }) : (tensor<2xf32>, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{needs one element as condition, got 2}}
  %0:1 = "top.Loop"(%m, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: tensor<1xf32>, %v: tensor<2xf32>):  "top.Yield"(%v, %v) : (tensor<2xf32>, tensor<2xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%m: tensor<1xf32>, %x: tensor<2xf32>, %z: tensor<3xf32>, %n: none) {
  // expected-error@+1 {{needs body arguments that are tensors}}
  %0:1 = "top.Loop"(%m, %n, %x) ({ ^bb0(%i: tensor<1xf32>, %c: none, %v: tensor<2xf32>):  "top.Yield"(%m, %v) : (tensor<1xf32>, tensor<2xf32>) -> ()  }) : (tensor<1xf32>, none, tensor<2xf32>) -> (tensor<2xf32>)
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{expects parent op to be one of 'top.If, top.Loop'}}
  "top.Yield"(%x) : (tensor<2xf32>) -> ()
}
