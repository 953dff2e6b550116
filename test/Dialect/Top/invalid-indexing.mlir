// Every constraint of the Indexing family has a sentence of its own, hostile attributes included.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has axis 3 for an input of rank 3}}
  %0:2 = "top.Arg"(%a) {axis = 3 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, none)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has axis -4 for an input of rank 3}}
  %0:2 = "top.Arg"(%a) {axis = -4 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, none)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has axis -9223372036854775808 for an input of rank 3}}
  %0:2 = "top.Arg"(%a) {axis = -9223372036854775808 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, none)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has axis 9223372036854775807 for an input of rank 3}}
  %0:2 = "top.Arg"(%a) {axis = 9223372036854775807 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, none)
  return
}

// -----

func.func @f(%a: tensor<2x0x4xf32>) {
  // expected-error@+1 {{searches an axis without elements}}
  %0:2 = "top.Arg"(%a) {axis = 1 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x0x4xf32>) -> (tensor<2x1x4xf32>, none)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has a result of shape 2x4, but its operands and attributes give 2x1x4}}
  %0:2 = "top.Arg"(%a) {axis = 1 : i64, keepdims = true, mode = "ArgMax"} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{has axis 0 for an input of rank 0}}
  %0:2 = "top.Sort"(%a) {axis = 0 : i64} : (tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{takes 0 elements of an axis of 8}}
  %0:2 = "top.TopK"(%a) {axis = 1 : i64, K = 0 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{takes 9 elements of an axis of 8}}
  %0:2 = "top.TopK"(%a) {axis = 1 : i64, K = 9 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{takes -1 elements of an axis of 8}}
  %0:2 = "top.TopK"(%a) {axis = 1 : i64, K = -1 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{takes -9223372036854775808 elements of an axis of 8}}
  %0:2 = "top.TopK"(%a) {axis = 1 : i64, K = -9223372036854775808 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{takes 9223372036854775807 elements of an axis of 8}}
  %0:2 = "top.TopK"(%a) {axis = 1 : i64, K = 9223372036854775807 : i64} : (tensor<2x8x4xf32>) -> (tensor<2x1x4xf32>, tensor<2x1x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{has axis 3 for an input of rank 3}}
  %0 = "top.Gather"(%a, %i) {axis = 3 : si32} : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{has axis -2147483648 for an input of rank 3}}
  %0 = "top.Gather"(%a, %i) {axis = -2147483648 : si32} : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{has a result of shape 3, but its operands and attributes give 3x8x4}}
  %0 = "top.Gather"(%a, %i) {} : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{has indices of shape 3 that do not lie within the input's 2x8x4 along all axes but 2}}
  %0 = "top.GatherElements"(%a, %i) {} : (tensor<2x8x4xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x9x4xf32>) {
  // expected-error@+1 {{has indices of shape 3x9x4 that do not lie within the input's 2x8x4 along all axes but 1}}
  %0 = "top.GatherElements"(%a, %i) {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<3x9x4xf32>) -> tensor<3x9x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x3xf32>) {
  // expected-error@+1 {{has 2 batch_dims for operands of shapes 2x8x4 and 2x3}}
  %0 = "top.GatherND"(%a, %i) {batch_dims = 2 : i64} : (tensor<2x8x4xf32>, tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x3xf32>) {
  // expected-error@+1 {{has -1 batch_dims for operands of shapes 2x8x4 and 2x3}}
  %0 = "top.GatherND"(%a, %i) {batch_dims = -1 : i64} : (tensor<2x8x4xf32>, tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x3xf32>) {
  // expected-error@+1 {{has -9223372036854775808 batch_dims for operands of shapes 2x8x4 and 2x3}}
  %0 = "top.GatherND"(%a, %i) {batch_dims = -9223372036854775808 : i64} : (tensor<2x8x4xf32>, tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x3xf32>) {
  // expected-error@+1 {{has 9223372036854775807 batch_dims for operands of shapes 2x8x4 and 2x3}}
  %0 = "top.GatherND"(%a, %i) {batch_dims = 9223372036854775807 : i64} : (tensor<2x8x4xf32>, tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<f32>) {
  // expected-error@+1 {{has 0 batch_dims for operands of shapes 2x8x4 and scalar}}
  %0 = "top.GatherND"(%a, %i) {} : (tensor<2x8x4xf32>, tensor<f32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x1xf32>) {
  // expected-error@+1 {{whose first 1 extents differ}}
  %0 = "top.GatherND"(%a, %i) {batch_dims = 1 : i64} : (tensor<2x8x4xf32>, tensor<3x1xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x4xf32>) {
  // expected-error@+1 {{has tuples of 4 indices for 3 axes}}
  %0 = "top.GatherND"(%a, %i) {} : (tensor<2x8x4xf32>, tensor<3x4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x0xf32>) {
  // expected-error@+1 {{has tuples of 0 indices for 3 axes}}
  %0 = "top.GatherND"(%a, %i) {} : (tensor<2x8x4xf32>, tensor<3x0xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x2xf32>) {
  // expected-error@+1 {{has indice_dims -9223372036854775808 for tuples of 2 indices}}
  %0 = "top.GatherND"(%a, %i) {indice_dims = -9223372036854775808 : i64} : (tensor<2x8x4xf32>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x1x4xf32>, %u: tensor<2x8x4xf32>) {
  // expected-error@+1 {{has updates of shape 2x8x4 for indices of shape 2x1x4}}
  %0 = "top.ScatterElements"(%a, %i, %u) {axis = 1 : i64} : (tensor<2x8x4xf32>, tensor<2x1x4xf32>, tensor<2x8x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x1x4xf32>) {
  // expected-error@+1 {{has reduction 6, which must be between 0 and 5}}
  %0 = "top.ScatterElements"(%a, %i, %i) {axis = 1 : i64, reduction = 6 : i64} : (tensor<2x8x4xf32>, tensor<2x1x4xf32>, tensor<2x1x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x1x4xf32>) {
  // expected-error@+1 {{has reduction -1, which must be between 0 and 5}}
  %0 = "top.ScatterElements"(%a, %i, %i) {axis = 1 : i64, reduction = -1 : i64} : (tensor<2x8x4xf32>, tensor<2x1x4xf32>, tensor<2x1x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<2x1x4xf32>) {
  // expected-error@+1 {{has reduction -9223372036854775808, which must be between 0 and 5}}
  %0 = "top.ScatterElements"(%a, %i, %i) {axis = 1 : i64, reduction = -9223372036854775808 : i64} : (tensor<2x8x4xf32>, tensor<2x1x4xf32>, tensor<2x1x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x2xf32>, %u: tensor<3x5xf32>) {
  // expected-error@+1 {{has updates of shape 3x5 where its indices select 3x4}}
  %0 = "top.ScatterND"(%a, %i, %u) {} : (tensor<2x8x4xf32>, tensor<3x2xf32>, tensor<3x5xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3x2xf32>, %u: tensor<3x4xf32>) {
  // expected-error@+1 {{has reduction -2147483648, which must be between 0 and 5}}
  %0 = "top.ScatterND"(%a, %i, %u) {reduction = -2147483648 : i32} : (tensor<2x8x4xf32>, tensor<3x2xf32>, tensor<3x4xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{needs an input of at least rank 1}}
  %0 = "top.NonZero"(%a) {order = "RowMajor"} : (tensor<f32>) -> tensor<1x1xf32>
  return
}

// -----

func.func @f(%a: tensor<4294967296x4294967296x4294967296xf32>) {
  // expected-error@+1 {{and at most 2^31 elements}}
  %0 = "top.NonZero"(%a) {order = "RowMajor"} : (tensor<4294967296x4294967296x4294967296xf32>) -> tensor<3x1xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>) {
  // expected-error@+1 {{string attribute one of ColMajor, RowMajor}}
  %0 = "top.NonZero"(%a) {order = "Any"} : (tensor<2x8x4xf32>) -> tensor<3x64xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>) {
  // expected-error@+1 {{needs 2 to 5 operands, got 1}}
  %0 = "top.Nms"(%b) {center_point_box = 0 : i64, max_output_size = 4 : i64} : (tensor<1x20x4xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x21xf32>) {
  // expected-error@+1 {{needs boxes [batch, boxes, 4] and scores [batch, classes, boxes], got 1x20x4 and 1x3x21}}
  %0 = "top.Nms"(%b, %s) {center_point_box = 0 : i64, max_output_size = 4 : i64} : (tensor<1x20x4xf32>, tensor<1x3x21xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x20xf32>) {
  // expected-error@+1 {{has center_point_box 2, which must be 0 or 1}}
  %0 = "top.Nms"(%b, %s) {center_point_box = 2 : i64, max_output_size = 4 : i64} : (tensor<1x20x4xf32>, tensor<1x3x20xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x20xf32>) {
  // expected-error@+1 {{has center_point_box -9223372036854775808, which must be 0 or 1}}
  %0 = "top.Nms"(%b, %s) {center_point_box = -9223372036854775808 : i64, max_output_size = 4 : i64} : (tensor<1x20x4xf32>, tensor<1x3x20xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x20xf32>) {
  // expected-error@+1 {{has max_output_size 0, which must be at least 1}}
  %0 = "top.Nms"(%b, %s) {center_point_box = 0 : i64, max_output_size = 0 : i64} : (tensor<1x20x4xf32>, tensor<1x3x20xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x20xf32>) {
  // expected-error@+1 {{has max_output_size -9223372036854775808, which must be at least 1}}
  %0 = "top.Nms"(%b, %s) {center_point_box = 0 : i64, max_output_size = -9223372036854775808 : i64} : (tensor<1x20x4xf32>, tensor<1x3x20xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x20xf32>) {
  // expected-error@+1 {{has a result of shape 59x3, but its operands and attributes give 60x3}}
  %0 = "top.Nms"(%b, %s) {center_point_box = 0 : i64, max_output_size = 9223372036854775807 : i64} : (tensor<1x20x4xf32>, tensor<1x3x20xf32>) -> tensor<59x3xf32>
  return
}

// -----

func.func @f(%b: tensor<1x20x4xf32>, %s: tensor<1x3x20xf32>, %m: tensor<2xf32>) {
  // expected-error@+1 {{has a limit of shape 2, which must be one number}}
  %0 = "top.Nms"(%b, %s, %m) {center_point_box = 0 : i64, max_output_size = 4 : i64} : (tensor<1x20x4xf32>, tensor<1x3x20xf32>, tensor<2xf32>) -> tensor<12x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x8x4xf32>, %i: tensor<3xf32>, %v: tensor<3x8x5xf32>) {
  // expected-error@+1 {{has values of shape 3x8x5 where its indices select 3x8x4}}
  %0 = "top.IndexPut"(%a, %i, %v) {} : (tensor<2x8x4xf32>, tensor<3xf32>, tensor<3x8x5xf32>) -> tensor<2x8x4xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{needs an input of at least rank 1}}
  %0 = "top.IndexPut"(%a, %i, %a) {} : (tensor<f32>, tensor<3xf32>, tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @f(%g: tensor<3x8xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{has num_weights 0, which must be at least 1}}
  %0 = "top.EmbDenseBwd"(%g, %i) {num_weights = 0 : si32} : (tensor<3x8xf32>, tensor<3xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%g: tensor<3x8xf32>, %i: tensor<3xf32>) {
  // expected-error@+1 {{has num_weights -2147483648, which must be at least 1}}
  %0 = "top.EmbDenseBwd"(%g, %i) {num_weights = -2147483648 : si32} : (tensor<3x8xf32>, tensor<3xf32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @f(%g: tensor<3x8xf32>, %i: tensor<4xf32>) {
  // expected-error@+1 {{has a gradient of shape 3x8 for indices of shape 4}}
  %0 = "top.EmbDenseBwd"(%g, %i) {num_weights = 4 : si32} : (tensor<3x8xf32>, tensor<4xf32>) -> tensor<4x8xf32>
  return
}
