//===- Instructions.td - instruction formats of BM1684X --------------------------------------------*- tablegen -*-===//
//
// Every TIU and GDMA instruction format of the BM1684X and by which values it is recognised. tpuc-tblgen makes the
// encoder, decoder and disassembler tables and docs/isa-bm1684x.md from this file and those that it includes. Two
// layouts that no opcode selects (SEG and its short form) are known to exist and are left out.
//
//===------------------------------------------------------------------------------------------------------------===//

include "tpu_mlir/Target/InstructionFormats.td"

def BM1684X : Chip {
  let namespace = "bm1684x";
  let name = "BM1684X";
}

include "tpu_mlir/Target/BM1684X/InstructionFields.td"
include "tpu_mlir/Target/BM1684X/InstructionLayouts.td"
include "tpu_mlir/Target/BM1684X/InstructionOperations.td"

def AR : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 3>], ArOp> {
  let operands = "opd0|const, opd1|const, opd2|const, res0";
}
def CMP : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 13>], CmpOp> {
  let operands = "opd0 A|const, opd1 B|const, opd2 C|const, opd3 D|const, res0, res1";
}
def CONV : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 0>], ConvOp> {
  let operands = "opd0 input, opd1 weight|const, opd2 bias or kernel zero point|const, "
                 "opd3 pad/insert value(s)|const (shift for wrq), res0";
}
def LAR : Instruction<TIU, LarBits, [Match<tsk_typ, 7>], LarOp> {
  let note = "compact linear arithmetic form without command id; never emitted by the reference code generator";
}
def LIN : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 10>], LinOp> {
  let operands = "opd0 A, opd1 B[c]|const, opd2 C[c]|const, res0";
}
def MM : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 2>], MmOp> {
  let operands = "opd0 left|const, opd1 right, opd2 bias/shift|const, opd3 shift pair (wrq), res0";
}
def MM2 : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 2>], Mm2Op> {
  let operands = "opd0 left|const, opd1 right|const, opd2 right zero point|const (int8 only), res0";
}
def PorD : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 1>], PordOp> {
  let operands = "opd0 input, opd1 weight|const (avg: scale const), opd2 bias|const (int8 avg: shift const), "
                 "opd3 pad value(s)|const or ROI boxes, res1_addr shift pair, res0";
}
def RQ_DQ : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 4>], QuantOp> {
  let operands = "opd0 input, opd1 per-channel table or const word 0, opd2 const word 1, res0";
}
def SFU : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 9>], SfuOp> {
  let operands = "opd0 input, opd1 coefficient table, res0";
}
def SG : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 6>], SgOp> {
  let operands = "opd0 data, opd1 index/mask, opd2 fill const, opd3 limit, res0, res1 count";
}
def SGL : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 6>], SglOp> {
  let operands = "opd0 table, opd1 index, opd2 fill const, res0";
}
def SYSID : Instruction<TIU, SysIdBits, [Match<tsk_typ, 15>], SysOp>;
def TRANS_BC : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 5>], TransOp> {
  let operands = "opd0, res0";
}
def VC : Instruction<TIU, TiuLongBits, [Match<cmd_short, 0>, Match<tsk_typ, 14>], VcOp> {
  let operands = "opd0 vector A, opd1 vector B, opd2 select value, res0";
}
def sAR : Instruction<TIU, ShortArBits, [Match<cmd_short, 1>, Match<tsk_typ, 3>], ArOp> {
  let operands = "opd0|const, opd1|const, opd2|const, res0";
}
def sCMP : Instruction<TIU, ShortCmpBits, [Match<cmd_short, 1>, Match<tsk_typ, 13>], CmpOp> {
  let operands = "opd0 A|const, opd1 B|const, opd2 C|const, opd3 D|const, res0, res1";
}
def sCONV : Instruction<TIU, ShortConvBits, [Match<cmd_short, 1>, Match<tsk_typ, 0>], ConvOp> {
  let operands = "opd0 input, opd1 weight|const, opd2 bias or kernel zero point|const, "
                 "opd3 pad/insert value(s)|const (shift for wrq), res0";
}
def sLIN : Instruction<TIU, ShortLinBits, [Match<cmd_short, 1>, Match<tsk_typ, 10>], LinOp> {
  let operands = "opd0 A, opd1 B[c]|const, opd2 C[c]|const, res0";
}
def sMM : Instruction<TIU, ShortMmBits, [Match<cmd_short, 1>, Match<tsk_typ, 2>], MmOp> {
  let operands = "opd0 left|const, opd1 right, opd2 bias/shift|const, opd3 shift pair (wrq), res0";
}
def sMM2 : Instruction<TIU, ShortMm2Bits, [Match<cmd_short, 1>, Match<tsk_typ, 2>], Mm2Op> {
  let operands = "opd0 left|const, opd1 right|const, opd2 right zero point|const (int8 only), res0";
}
def sPorD : Instruction<TIU, ShortPorDBits, [Match<cmd_short, 1>, Match<tsk_typ, 1>], PordOp> {
  let operands = "opd0 input, opd1 weight|const (avg: scale const), opd2 bias|const (int8 avg: shift const), "
                 "opd3 pad value(s)|const or ROI boxes, res1_addr shift pair, res0";
}
def sRQ_sDQ : Instruction<TIU, ShortRqDqBits, [Match<cmd_short, 1>, Match<tsk_typ, 4>], QuantOp> {
  let operands = "opd0 input, opd1 per-channel table or const word 0, opd2 const word 1, res0";
}
def sSFU : Instruction<TIU, ShortSfuBits, [Match<cmd_short, 1>, Match<tsk_typ, 9>], SfuOp> {
  let operands = "opd0 input, opd1 coefficient table, res0";
}
def sSG : Instruction<TIU, ShortSgBits, [Match<cmd_short, 1>, Match<tsk_typ, 6>], SgOp> {
  let operands = "opd0 data, opd1 index/mask, opd2 fill const, opd3 limit, res0, res1 count";
}
def sSGL : Instruction<TIU, ShortSglBits, [Match<cmd_short, 1>, Match<tsk_typ, 6>], SglOp> {
  let operands = "opd0 table, opd1 index, opd2 fill const, res0";
}
def sTRANS_sBC : Instruction<TIU, ShortTransBcBits, [Match<cmd_short, 1>, Match<tsk_typ, 5>], TransOp> {
  let operands = "opd0, res0";
}
def sVC : Instruction<TIU, ShortVcBits, [Match<cmd_short, 1>, Match<tsk_typ, 14>], VcOp> {
  let operands = "opd0 vector A, opd1 vector B, opd2 select value, res0";
}
def DMA_cw_transpose : Instruction<GDMA, GdmaTensorBits, [Match<cmd_short, 0>, Match<cmd_type, 4>],
                          DmaCwTransposeOp>;
def DMA_gather : Instruction<GDMA, GdmaGatherBits, [Match<cmd_short, 0>, Match<cmd_type, 7>], DmaGatherOp>;
def DMA_general : Instruction<GDMA, GdmaGeneralBits, [Match<cmd_short, 0>, Match<cmd_type, 3>], DmaGeneralOp>;
def DMA_masked_select : Instruction<GDMA, GdmaMaskedSelectBits, [Match<cmd_short, 0>, Match<cmd_type, 2>],
                          DmaMaskedSelectOp>;
def DMA_matrix : Instruction<GDMA, GdmaTensorBits, [Match<cmd_short, 0>, Match<cmd_type, 1>], DmaMatrixOp>;
def DMA_nonzero : Instruction<GDMA, GdmaNonzeroBits, [Match<cmd_short, 0>, Match<cmd_type, 5>], DmaNonzeroOp>;
def DMA_scatter : Instruction<GDMA, GdmaGatherBits, [Match<cmd_short, 0>, Match<cmd_type, 8>], DmaScatterOp>;
def DMA_tensor : Instruction<GDMA, GdmaTensorBits, [Match<cmd_short, 0>, Match<cmd_type, 0>], DmaTensorOp>;
def sDMA_general : Instruction<GDMA, ShortGdmaGeneralBits, [Match<cmd_short, 1>, Match<cmd_type, 3>], DmaGeneralOp>;
def sDMA_masked_select : Instruction<GDMA, ShortGdmaMaskedSelectBits, [Match<cmd_short, 1>, Match<cmd_type, 2>],
                          DmaMaskedSelectOp>;
def sDMA_matrix : Instruction<GDMA, ShortGdmaMatrixBits, [Match<cmd_short, 1>, Match<cmd_type, 1>], DmaMatrixOp>;
def sDMA_nonzero : Instruction<GDMA, ShortGdmaNonzeroBits, [Match<cmd_short, 1>, Match<cmd_type, 5>], DmaNonzeroOp>;
def sDMA_sys : Instruction<GDMA, ShortGdmaSysBits, [Match<cmd_short, 1>, Match<cmd_type, 6>], DmaSysOp>;
