// Every constraint of the ops that cut, join, pick and fill, with values that overflow.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has num = 3, but 2 results}}
  %0:2 = "top.Split"(%a) {axis = 1 : si32, num = 3 : i64} : (tensor<2x4xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has num = -9223372036854775808, but 1 results}}
  %0:1 = "top.Split"(%a) {axis = 1 : si32, num = -9223372036854775808 : i64} : (tensor<2x4xf32>) -> (tensor<2x2xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{needs at least one result}}
  "top.Split"(%a) {axis = 1 : si32, num = 0 : i64} : (tensor<2x4xf32>) -> ()
  return
}

// -----

func.func @f(%a: tensor<*xf32>) {
  // expected-error@+1 {{needs at least one result}}
  "top.Split"(%a) {axis = 1 : si32, num = 0 : i64} : (tensor<*xf32>) -> ()
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has axis -2147483648 for an input of rank 2}}
  %0:1 = "top.Split"(%a) {axis = -2147483648 : si32, num = 1 : i64} : (tensor<2x4xf32>) -> (tensor<2x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{cannot cut 4 positions into parts of}}
  %0:2 = "top.Split"(%a) {axis = 1 : si32, num = 2 : i64, split_size = [9223372036854775807, 9223372036854775807]} : (tensor<2x4xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{cuts only 3 of 4 positions}}
  %0:2 = "top.Split"(%a) {axis = 1 : si32, num = 2 : i64, split_size = [1, 2]} : (tensor<2x4xf32>) -> (tensor<2x1xf32>, tensor<2x2xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has 0 sizes for 2 results}}
  %0:2 = "top.Split"(%a) {axis = 1 : si32, num = 2 : i64, split_size = []} : (tensor<2x4xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{cannot cut 3 positions into parts of}}
  %0:4 = "top.Split"(%a) {axis = 1 : si32, num = 4 : i64} : (tensor<2x3xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>, tensor<2x1xf32>)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{has axis 0 for an input of rank 0}}
  %0:1 = "top.Split"(%a) {axis = 0 : si32, num = 1 : i64} : (tensor<f32>) -> (tensor<f32>)
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{needs at least one input}}
  %0 = "top.Pack"() {axis = 0 : si32, values_count = 0 : i64} : () -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has values_count = 9223372036854775807, but 1 inputs}}
  %0 = "top.Pack"(%a) {axis = 0 : si32, values_count = 9223372036854775807 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<4x2xf32>) {
  // expected-error@+1 {{cannot pack 2x4 and 4x2}}
  %0 = "top.Pack"(%a, %b) {axis = 0 : si32, values_count = 2 : i64} : (tensor<2x4xf32>, tensor<4x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has axis 3 for a result of rank 3}}
  %0 = "top.Pack"(%a) {axis = 3 : si32, values_count = 1 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has 1 results for an axis of 4 positions}}
  %0:1 = "top.Unpack"(%a) {axis = 1 : si32} : (tensor<2x4xf32>) -> (tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{has axis 0 for an input of rank 0}}
  %0:1 = "top.Unpack"(%a) {axis = 0 : si32} : (tensor<f32>) -> (tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has axis -9223372036854775808 for an input of rank 2}}
  %0 = "top.Reverse"(%a) {axis = -9223372036854775808 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{cannot divide 4 channels into 0 groups}}
  %0 = "top.ShuffleChannel"(%a) {group = 0 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{cannot divide 4 channels into -9223372036854775808 groups}}
  %0 = "top.ShuffleChannel"(%a) {group = -9223372036854775808 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{needs an input of rank 2 or more, got 4}}
  %0 = "top.ShuffleChannel"(%a) {group = 2 : i64} : (tensor<4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has 1 offsets for an input of rank 2}}
  %0 = "top.SwapDimInner"(%a) {offset = [1]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has offset 4 for axis 1 of extent 4}}
  %0 = "top.SwapDimInner"(%a) {offset = [0, 4]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<2xf32>) {
  // expected-error@+1 {{has a result of rank 1, but its operands give rank 2}}
  %0 = "top.View"(%a, %b) : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<1xf32>) {
  // expected-error@+1 {{cannot give 2x4 the shape 9}}
  %0 = "top.View"(%a, %b) : (tensor<2x4xf32>, tensor<1xf32>) -> tensor<9xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{needs a vector as shape, got 2x4}}
  %0 = "top.View"(%a, %a) : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{cannot expand 2x4 to 3}}
  %0 = "top.Expand"(%a) {shape = [3]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has an invalid shape 0}}
  %0 = "top.Expand"(%a) {shape = [0]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has an invalid shape -9223372036854775808}}
  %0 = "top.Expand"(%a) {shape = [-9223372036854775808]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{would have the result shape 9223372036854775807x2x4}}
  %0 = "top.Expand"(%a) {shape = [9223372036854775807, 1, 1]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<1xf32>) {
  // expected-error@+1 {{has 1 repeats for an input of rank 2}}
  %0 = "top.Repeat"(%a, %b) : (tensor<2x4xf32>, tensor<1xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{needs a vector as shape, got 2x4}}
  %0 = "top.ConstantFill"(%a) {value = 0.0 : f64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %n: none) {
  // expected-error@+1 {{needs operands of one element, got 2x4}}
  %0 = "top.Range"(%n, %a, %n) : (none, tensor<2x4xf32>, none) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<1xf32>, %n: none) {
  // expected-error@+1 {{has a result of rank 2, but its operands give rank 1}}
  %0 = "top.Arange"(%n, %a, %n) : (none, tensor<1xf32>, none) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{takes none of 2 extents}}
  %0 = "top.Shape"(%a) {start = 9223372036854775807 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{takes none of 2 extents}}
  %0 = "top.Shape"(%a) {step = 0 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{takes none of 2 extents}}
  %0 = "top.Shape"(%a) {start = -9223372036854775808 : i64, end = -9223372036854775808 : i64, step = -9223372036854775808 : i64} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{takes none of 0 extents}}
  %0 = "top.Shape"(%a) : (tensor<f32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has axis 2 for an input of rank 2}}
  %0 = "top.Size"(%a) {axis = 2 : si32} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{needs an input that has axes}}
  %0 = "top.Size"(%a) : (tensor<f32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<4x2xf32>) {
  // expected-error@+1 {{has data of shape 4x2 for an input of 2x4}}
  %0 = "top.RandnLike"(%a, %b) : (tensor<2x4xf32>, tensor<4x2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{needs inputs of rank 1, got 2x4}}
  %0:1 = "top.MeshGrid"(%a) {is_reverse = false} : (tensor<2x4xf32>) -> (tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<3xf32>) {
  // expected-error@+1 {{has 2 results, but its operands and attributes give 1}}
  %0:2 = "top.MeshGrid"(%a) {is_reverse = false} : (tensor<3xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<65536xf32>) {
  // expected-error@+1 {{would have the result shape 65536x65536}}
  %0:2 = "top.MeshGrid"(%a, %a) {is_reverse = false} : (tensor<65536xf32>, tensor<65536xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{needs inputs of rank 1, got 2x4}}
  %0 = "top.List"(%a) : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{needs at least one input}}
  %0 = "top.Tuple"() : () -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has 2 results, but its operands and attributes give 1}}
  %0:2 = "top.UnTuple"(%a) : (tensor<2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<2x5xf32>) {
  // expected-error@+1 {{cannot put 2x5 into axis 1 of 2x4}}
  %0 = "top.ConcatSlice"(%a, %b) {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x5xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<2x1xf32>) {
  // expected-error@+1 {{puts 1 positions at 9223372036854775807 of an axis of 4}}
  %0 = "top.Insert"(%a, %b) {axis = 1 : i64, offset = 9223372036854775807 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<2x1xf32>) {
  // expected-error@+1 {{puts 1 positions at -9223372036854775808 of an axis of 4}}
  %0 = "top.Insert"(%a, %b) {axis = 1 : i64, offset = -9223372036854775808 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has 1 input and 0 output strides for 2 axes}}
  %0 = "top.Copy"(%a) {shape = [2, 4], input_stride = [1], output_stride = []} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has strides that leave its operand of 8 elements or its result of 8}}
  %0 = "top.Copy"(%a) {shape = [2, 4], input_stride = [9223372036854775807, 9223372036854775807], output_stride = [4, 1]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has strides that leave}}
  %0 = "top.Copy"(%a) {shape = [2, 4], input_stride = [4, 1], output_stride = [-9223372036854775808, 1]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{would have the result shape}}
  %0 = "top.Copy"(%a) {shape = [9223372036854775807, 9223372036854775807], input_stride = [0, 0], output_stride = [0, 0]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{copies nothing}}
  %0 = "top.Copy"(%a) {shape = [0], input_stride = [0], output_stride = [0]} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{needs at least one input}}
  %0 = "top.Einsum"() {mode = ""} : () -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{names 0 axes of an input of shape 2x4}}
  %0 = "top.Einsum"(%a) {mode = ""} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{names 2 tensors, but has 1 inputs}}
  %0 = "top.Einsum"(%a) {mode = "ij,jk->ik"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has a mode with something other than letters}}
  %0 = "top.Einsum"(%a) {mode = "i1->i"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{names 1 axes of an input of shape 2x4}}
  %0 = "top.Einsum"(%a) {mode = "i->i"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has a result that names an axis twice}}
  %0 = "top.Einsum"(%a) {mode = "ij->iij"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has a result that names an axis twice, or one that no input has}}
  %0 = "top.Einsum"(%a) {mode = "ij->k"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has extents 2 and 4 for one name}}
  %0 = "top.Einsum"(%a) {mode = "ii->i"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has a mode with something other than letters}}
  %0 = "top.Einsum"(%a) {mode = "......"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{names 3 or more axes of an input of shape 2x4}}
  %0 = "top.Einsum"(%a) {mode = "ijk..."} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>) {
  // expected-error@+1 {{has a mode with something other than letters}}
  %0 = "top.Einsum"(%a) {mode = "ij->->"} : (tensor<2x4xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<65536xf32>) {
  // expected-error@+1 {{would have the result shape 65536x65536}}
  %0 = "top.Einsum"(%a, %a) {mode = "i,j->ij"} : (tensor<65536xf32>, tensor<65536xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<1xf32>, %c: tensor<2xf32>) {
  // expected-error@+1 {{needs axis, start, step and end of one element, got 2}}
  %0 = "top.SliceAxis"(%a, %b, %b, %b, %c) : (tensor<2x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<2xf32>) -> tensor<*xf32>
  return
}

// -----

func.func @f(%a: tensor<2x4xf32>, %b: tensor<1xf32>, %c: tensor<2xf32>) {
  // expected-error@+1 {{needs starts, ends and strides that are vectors of one length}}
  %0 = "top.StridedSlice"(%a, %b, %b, %c) {begin_mask = 9223372036854775807 : i64, ellipsis_mask = -9223372036854775808 : i64, end_mask = 0 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 0 : i64} : (tensor<2x4xf32>, tensor<1xf32>, tensor<1xf32>, tensor<2xf32>) -> tensor<*xf32>
  return
}
