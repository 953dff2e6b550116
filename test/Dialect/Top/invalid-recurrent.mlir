// Every constraint of the recurrent layers has a sentence of its own.
// RUN: tpuc-opt %s --verify-diagnostics --split-input-file

func.func @f(%x: tensor<5x2xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{needs an input of rank 3, got shape 5x2}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<f32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{needs an input of rank 3, got shape scalar}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = false, hidden_size = 4 : i64} : (tensor<f32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{has a hidden_size of -9223372036854775808; it must be between 1 and 2^28}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = -9223372036854775808 : i64} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{has a hidden_size of 4611686018427387904}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = true, hidden_size = 4611686018427387904 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{has a hidden_size of 0}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = true, hidden_size = 0 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{filter must have the shape 1x16x3 or 16x3, got 1x12x3}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{filter must have the shape 2x12x3 or 24x3, got 1x12x3}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = true, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x3xf32>, %b: tensor<1x32xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{recurrence must have the shape 1x16x4 or 16x4, got 1x16x3}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x3xf32>, tensor<1x32xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x16xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{bias must have the shape 1x32 or 32, got 1x16}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x16xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<f32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{bias must have the shape 1x24 or 24, got scalar}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<f32>, tensor<1x2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: tensor<2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{needs initial states of shape 1x2x4, got 2x4}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, tensor<2x4xf32>, tensor<1x2x4xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x5xf32>, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{needs initial states of shape 1x2x4, got 1x2x5}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, tensor<1x2x4xf32>, tensor<1x2x5xf32>, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{needs initial states of shape 5x1x4, got 1x2x4}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = false, hidden_size = 4 : i64, batch_first = true} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: tensor<1x2x4xf32>, %c: tensor<1x2x4xf32>, %k: tensor<5x2x1xf32>) {
  // expected-error@+1 {{cont must have the shape 5x2 (steps, batch), got 5x2x1}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<5x2x1xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x16x3xf32>, %r: tensor<1x16x4xf32>, %b: tensor<1x32xf32>, %h: none, %c: none, %k: tensor<5x2xf32>) {
  // expected-error@+1 {{cont must have the shape 2x5 (steps, batch), got 5x2}}
  %0:3 = "top.LSTM"(%x, %w, %r, %b, %h, %c, %k) {bidirectional = false, hidden_size = 4 : i64, batch_first = true} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>, tensor<1x32xf32>, none, none, tensor<5x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{has a result of shape 5x2x1x4, but its operands and attributes give 5x1x2x4}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (tensor<5x2x1x4xf32>, none)
  return
}

// -----

func.func @f(%x: tensor<5x2x3xf32>, %w: tensor<1x12x3xf32>, %r: tensor<1x12x4xf32>, %b: tensor<1x24xf32>, %h: tensor<1x2x4xf32>) {
  // expected-error@+1 {{has a result of shape 2x4, but its operands and attributes give 1x2x4}}
  %0:2 = "top.GRU"(%x, %w, %r, %b, %h) {bidirectional = false, hidden_size = 4 : i64} : (tensor<5x2x3xf32>, tensor<1x12x3xf32>, tensor<1x12x4xf32>, tensor<1x24xf32>, tensor<1x2x4xf32>) -> (none, tensor<2x4xf32>)
  return
}
