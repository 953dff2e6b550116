//===- InstructionOperations.td - sub-operations of BM1684X instructions ---------------------------*- tablegen -*-===//
//
// What each value of the selector field makes an instruction do. A, B, C, D are operands 0 to 3 and R the result.
//
//===------------------------------------------------------------------------------------------------------------===//

def ArOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "arith.mul", "Mul", "A*B (ints: rounding shift by opd2)">,
    SubOp<1, "arith.not", "Not", "~A">,
    SubOp<2, "arith.add", "Add", "A+B">,
    SubOp<3, "arith.sub", "Sub", "A-B">,
    SubOp<4, "arith.max", "Max", "max(A,B)">,
    SubOp<5, "arith.min", "Min", "min(A,B)">,
    SubOp<6, "arith.logicShift", "LogicShift", "logical shift of A by B (B>0 left, B<0 right with rounding)">,
    SubOp<7, "arith.and", "And", "A&B">,
    SubOp<8, "arith.or", "Or", "A|B">,
    SubOp<9, "arith.xor", "Xor", "A^B">,
    SubOp<10, "arith.selectGreat", "SelectGreat", "A>B ? C : 0">,
    SubOp<11, "arith.selectEqual", "SelectEqual", "A==B ? C : 0">,
    SubOp<12, "arith.div", "Div", "A/B, Newton iterations = opd2_n_str+1 (1..4)">,
    SubOp<13, "arith.selectLess", "SelectLess", "A<B ? C : 0">,
    SubOp<14, "arith.cast", "Cast", "data type conversion, rounding mode in opd2_n_str, result sign in opd2_sign">,
    SubOp<15, "arith.adds", "Adds", "saturating add">,
    SubOp<16, "arith.subs", "Subs", "saturating sub">,
    SubOp<18, "arith.mac", "Mac",
      "fp32: R=R+A*B (rounded twice); int8: R=((R<<l)+A*B) rounding-shifted right by r, opd2=(r<<8)|l">,
    SubOp<19, "arith.copy", "Copy", "R=A">,
    SubOp<20, "arith.muls", "Muls", "saturating mul">,
    SubOp<21, "arith.ashift", "ArithShift", "arithmetic shift of A by B">,
    SubOp<22, "arith.cshift", "CircularShift", "rotate A by B">,
    SubOp<23, "arith.mulDHR", "MulDHR", "doubling high-half multiply with rounding (not exercised)">,
    SubOp<24, "arith.euIdxGen", "EuIdxGen", "index along EUs">,
    SubOp<25, "arith.npuIdxGen", "NpuIdxGen", "index along lanes">,
    SubOp<26, "arith.abs", "Abs", "|A|">,
    SubOp<27, "arith.fsubabs", "AbsDiff", "|A-B|">,
    SubOp<28, "arith.copyMb", "CopyMb", "copy into several banks (result n stride = bank distance)">,
    SubOp<29, "arith.getFirstOne", "GetFirstOne", "position of the first 1 bit">,
    SubOp<30, "arith.getFirstZero", "GetFirstZero", "position of the first 0 bit">];
}

def CmpOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<22, "cmp.gt_and_sel", "MaxSelectGreat", "res0=max(A,B); res1=A>B?C:D">,
    SubOp<23, "cmp.sel_gt", "SelectGreat", "res0=A>B?C:D">,
    SubOp<24, "cmp.sel_eq", "SelectEqual", "res0=A==B?C:D">,
    SubOp<25, "cmp.lt_and_sel", "MinSelectLess", "res0=min(A,B); res1=A<B?C:D">,
    SubOp<26, "cmp.sel_lt", "SelectLess", "res0=A<B?C:D">];
}

def ConvOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "conv.normal", "Normal", "convolution; fp: bias opd2; int8: kernel zero point opd2, int32/int16 result">,
    SubOp<1, "conv.wrq", "Wrq",
      "int8 convolution with int16 bias (opd2) and right shift (opd3), round half up, saturate">,
    SubOp<2, "conv.wrqrelu", "WrqRelu", "as wrq, then relu; result is unsigned 8/16 bit">];
}

def LarOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "lar.mul", "Mul", "as arith.mul">,
    SubOp<1, "lar.not", "Not", "as arith.not">,
    SubOp<2, "lar.add", "Add", "as arith.add">,
    SubOp<3, "lar.sub", "Sub", "as arith.sub">,
    SubOp<4, "lar.max", "Max", "as arith.max">,
    SubOp<5, "lar.min", "Min", "as arith.min">,
    SubOp<6, "lar.logicShift", "LogicShift", "as arith.logicShift">,
    SubOp<7, "lar.and", "And", "as arith.and">,
    SubOp<8, "lar.or", "Or", "as arith.or">,
    SubOp<9, "lar.xor", "Xor", "as arith.xor">,
    SubOp<10, "lar.selectGreat", "SelectGreat", "as arith.selectGreat">,
    SubOp<11, "lar.selectEqual", "SelectEqual", "as arith.selectEqual">,
    SubOp<12, "lar.div", "Div", "as arith.div">,
    SubOp<13, "lar.selectLess", "SelectLess", "as arith.selectLess">,
    SubOp<14, "lar.cast", "Cast", "as arith.cast">,
    SubOp<15, "lar.adds", "Adds", "as arith.adds">,
    SubOp<16, "lar.subs", "Subs", "as arith.subs">,
    SubOp<18, "lar.mac", "Mac", "as arith.mac">,
    SubOp<19, "lar.copy", "Copy", "as arith.copy">,
    SubOp<20, "lar.muls", "Muls", "as arith.muls">,
    SubOp<21, "lar.ashift", "ArithShift", "as arith.ashift">,
    SubOp<22, "lar.cshift", "CircularShift", "as arith.cshift">,
    SubOp<23, "lar.mulDHR", "MulDHR", "as arith.mulDHR">,
    SubOp<24, "lar.euIdxGen", "EuIdxGen", "as arith.euIdxGen">,
    SubOp<25, "lar.npuIdxGen", "NpuIdxGen", "as arith.npuIdxGen">,
    SubOp<26, "lar.abs", "Abs", "as arith.abs">,
    SubOp<27, "lar.fsubabs", "AbsDiff", "as arith.fsubabs">,
    SubOp<28, "lar.copyMb", "CopyMb", "as arith.copyMb">,
    SubOp<29, "lar.getFirstOne", "GetFirstOne", "as arith.getFirstOne">,
    SubOp<30, "lar.getFirstZero", "GetFirstZero", "as arith.getFirstZero">];
}

def LinOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<1, "lin.mac", "Mac", "A*B+C, B and C per channel">,
    SubOp<20, "lin.square_sum", "SquareSum", "(A+B)^2">,
    SubOp<21, "lin.square_diff", "SquareDiff", "(A-B)^2">];
}

def MmOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<1, "mm.normal", "Normal", "matrix product in channel-folded layout, fp32 or int">,
    SubOp<2, "mm.wrq", "Wrq", "int8 matrix product + int16 bias, right shift, round half up, saturate">,
    SubOp<3, "mm.wrqrelu", "WrqRelu", "as wrq with relu">];
}

def Mm2Op : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<4, "mm2.nn", "Nn", "R[m,n] = L[m,k] x R[k,n], rows across lanes">,
    SubOp<5, "mm2.nt", "Nt", "R[m,n] = L[m,k] x R[n,k]^T">,
    SubOp<6, "mm2.tt", "Tt", "R[n,m] = R[n,k] x L[k,m] (product transposed)">];
}

def PordOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "pord.depthwise", "Depthwise", "depthwise convolution">,
    SubOp<1, "pord.avgpooling", "AvgPool", "window sum times constant (opd1)">,
    SubOp<2, "pord.depthwiserelu", "DepthwiseRelu", "depthwise convolution with relu, unsigned result">,
    SubOp<4, "pord.maxpooling", "MaxPool", "window maximum">,
    SubOp<5, "pord.roiDepthwise", "RoiDepthwise", "depthwise at ROI boxes">,
    SubOp<6, "pord.roiavgpooling", "RoiAvgPool", "average at ROI boxes">,
    SubOp<7, "pord.roimaxpooling", "RoiMaxPool", "maximum at ROI boxes">];
}

def QuantOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "quant.rq0", "Rq0", "int -> int8/16 through float: clip(round(x*scale+offset))">,
    SubOp<1, "quant.rq1", "Rq1", "int -> int8/16 integer: clip(round_shift(x*mult, shift)+zp)">,
    SubOp<2, "quant.rq2", "Rq2", "not exercised">,
    SubOp<3, "quant.dq0", "Dq0", "int8/16 -> float: (x-zp)*scale">,
    SubOp<4, "quant.dq1", "Dq1", "int8/16 -> int16/32: round_shift((x-zp)*mult, shift)">,
    SubOp<5, "quant.dq2", "Dq2", "not exercised">];
}

def SfuOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<12, "sfu.taylor_4x", "Taylor4x",
      "polynomial sum coeff[k]*x^k, opd1_n coefficients, four coefficients per step">,
    SubOp<13, "sfu.taylor", "Taylor", "polynomial sum coeff[k]*x^k, opd1_n coefficients">,
    SubOp<15, "sfu.normalize", "Normalize",
      "power of two nearest to x (exponent increased when the mantissa is >= 4/3): "
      "as signed float, or as biased exponent when res0 is an integer">,
    SubOp<17, "sfu.rsqrt", "Rsqrt", "1/sqrt(x), opd2_n_str+1 Newton steps (1..4)">];
}

def SgOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "sg.pl_gather_d1coor", "GatherD1", "R[n,c,0,i]=A[n,c,0,idx[i]], one index list for all lanes">,
    SubOp<1, "sg.pl_gather_d2coor", "GatherD2", "R[n,c,i]=A[n,c,h_i,w_i], index pairs (w,h) of uint16">,
    SubOp<2, "sg.pl_gather_rec", "GatherRectangle", "rectangle gather (not exercised)">,
    SubOp<3, "sg.pl_scatter_d1coor", "ScatterD1", "R[n,c,0,idx[i]]=A[n,c,0,i]">,
    SubOp<4, "sg.pl_scatter_d2coor", "ScatterD2", "R[n,c,h_i,w_i]=A[n,c,i]">,
    SubOp<5, "sg.pe_s_gather_d1coor", "ElementGather", "R[n,c,0,i]=A[0,c,0,idx[n,c,i]]">,
    SubOp<6, "sg.pe_s_scatter_d1coor", "ElementScatter", "R[n,c,0,idx[n,c,i]]=A[0,c,0,i]">,
    SubOp<7, "sg.pe_m_gather_d1coor", "FourBankGather", "as pe_s_gather with the table replicated in four banks">,
    SubOp<8, "sg.pe_s_mask_select", "MaskSelect", "compress A by a mask; counts (uint16) to res1">,
    SubOp<9, "sg.pe_s_nonzero", "Nonzero", "indices of non-zero elements; counts to res1">,
    SubOp<10, "sg.pe_s_scatter_pp_d1coor", "ElementScatterPp", "not exercised">,
    SubOp<11, "sg.pl_gather_perw", "GatherPerW", "not exercised">,
    SubOp<12, "sg.pl_scatter_perw", "ScatterPerW", "not exercised">,
    SubOp<13, "sg.pe_s_gather_hzd", "ElementGatherHzd", "as pe_s_gather_d1coor, tolerates bank conflicts">,
    SubOp<14, "sg.pe_s_scatter_hzd", "ElementScatterHzd", "as pe_s_scatter_d1coor, tolerates bank conflicts">,
    SubOp<15, "sg.pe_s_mask_selhzd", "MaskSelectHzd", "as mask_select, tolerates bank conflicts">,
    SubOp<16, "sg.pe_s_nonzero_hzd", "NonzeroHzd", "as nonzero, tolerates bank conflicts">];
}

def SglOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<17, "sgl.pe_s_gather_line", "GatherLine", "R[n,c,i,:]=A[0,c,idx[n,c,i],:]">,
    SubOp<18, "sgl.pe_s_scatter_line", "ScatterLine", "R[n,c,idx[n,c,i],:]=A[0,c,i,:]">];
}

def SysOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "sys.intr_barrier", "IntrBarrier", "interrupt barrier">,
    SubOp<1, "sys.spb", "Spb", "software power boot">,
    SubOp<2, "sys.swr", "Swr", "write system register">,
    SubOp<3, "sys.swr_from_lmem", "SwrFromLmem", "write system registers from local memory">,
    SubOp<4, "sys.swr_collect_from_lmem", "SwrCollectFromLmem", "collect-write system registers">,
    SubOp<5, "sys.data_barrier", "DataBarrier", "data barrier">,
    SubOp<30, "sys.nop", "Nop", "no operation">,
    SubOp<31, "sys.end", "End", "end of TIU stream">];
}

def TransOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "tsbc.cw_ts", "CwTranspose", "C<->W transpose, source starts in lane 0, result line-aligned">,
    SubOp<1, "tsbc.wc_ts", "WcTranspose", "C<->W transpose, result starts in lane 0, result aligned">,
    SubOp<2, "tsbc.l_copy", "LaneCopy", "copy to other lanes">,
    SubOp<3, "tsbc.l_bc", "LaneBroadcast", "one channel to C lanes (start_lane+C<=64)">,
    SubOp<4, "tsbc.s_bc", "StaticBroadcast", "static memory row to every lane">,
    SubOp<5, "tsbc.s_distribute", "StaticDistribute", "static memory element c to channel c">];
}

def VcOp : SubOperations<tsk_eu_typ> {
  let operations = [
    SubOp<0, "vc.mul", "Mul", "R[i][j] = A[i] op B[j]; op as in arith.mul">,
    SubOp<2, "vc.add", "Add", "R[i][j] = A[i] op B[j]; op as in arith.add">,
    SubOp<3, "vc.sub", "Sub", "R[i][j] = A[i] op B[j]; op as in arith.sub">,
    SubOp<4, "vc.max", "Max", "R[i][j] = A[i] op B[j]; op as in arith.max">,
    SubOp<5, "vc.min", "Min", "R[i][j] = A[i] op B[j]; op as in arith.min">,
    SubOp<7, "vc.and", "And", "R[i][j] = A[i] op B[j]; op as in arith.and">,
    SubOp<8, "vc.or", "Or", "R[i][j] = A[i] op B[j]; op as in arith.or">,
    SubOp<9, "vc.xor", "Xor", "R[i][j] = A[i] op B[j]; op as in arith.xor">,
    SubOp<10, "vc.select_gt", "SelectGreat", "R[i][j] = A[i] op B[j]; op as in arith.select_gt">,
    SubOp<11, "vc.select_eq", "SelectEqual", "R[i][j] = A[i] op B[j]; op as in arith.select_eq">,
    SubOp<12, "vc.div", "Div", "R[i][j] = A[i] op B[j]; op as in arith.div">,
    SubOp<13, "vc.select_lt", "SelectLess", "R[i][j] = A[i] op B[j]; op as in arith.select_lt">,
    SubOp<15, "vc.add_satu", "Adds", "R[i][j] = A[i] op B[j]; op as in arith.add_satu">,
    SubOp<16, "vc.sub_satu", "Subs", "R[i][j] = A[i] op B[j]; op as in arith.sub_satu">,
    SubOp<20, "vc.mul_satu", "Muls", "R[i][j] = A[i] op B[j]; op as in arith.mul_satu">,
    SubOp<23, "vc.mulDHR", "MulDHR", "R[i][j] = A[i] op B[j]; op as in arith.mulDHR">];
}

def DmaCwTransposeOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.cw_transpose", "CwTranspose", "copy with C<->W transpose">];
}

def DmaGatherOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.gather", "Gather",
      "dst[c,i,:]=src[c,index[c,i],:], constant_value where the index is out of range">];
}

def DmaGeneralOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.general", "Copy", "linear copy of move_length elements">,
    SubOp<1, "dma.general.broadcast", "Broadcast", "linear block to dst_csize lanes">];
}

def DmaMaskedSelectOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.masked_select", "MaskedSelect", "compress by mask into system memory">];
}

def DmaMatrixOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.matrix", "Copy", "matrix between system memory rows and channel-folded local layout">,
    SubOp<1, "dma.matrix.transpose", "Transpose", "as matrix, transposed">];
}

def DmaNonzeroOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.nonzero", "Nonzero", "flat indices (+base_index) of non-zero elements">];
}

def DmaScatterOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.scatter", "Scatter", "dst[c,index[c,i],:]=src[c,i,:]">];
}

def DmaTensorOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.tensor", "Copy", "4-D strided copy or constant fill">,
    SubOp<1, "dma.tensor.transpose", "Transpose", "copy with N<->C transpose">,
    SubOp<2, "dma.tensor.collect", "Collect", "not exercised">,
    SubOp<3, "dma.tensor.broadcast", "Broadcast", "one channel to dst_csize lanes (start_lane+C<=64)">,
    SubOp<4, "dma.tensor.distribute", "Distribute", "not exercised">,
    SubOp<5, "dma.tensor.4bank_copy", "FourBankCopy", "copy replicated to four banks">,
    SubOp<6, "dma.tensor.4bank_broadcast", "FourBankBroadcast", "broadcast replicated to four banks">];
}

def DmaSysOp : SubOperations<cmd_special_function> {
  let operations = [
    SubOp<0, "dma.sys", "End", "end of GDMA stream">,
    SubOp<1, "dma.sys.nop", "Nop", "no operation">];
}
