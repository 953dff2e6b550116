//===- InstructionFields.td - the fields of BM1684X instructions -----------------------------------*- tablegen -*-===//
//
// The enumerations and the named quantities that instructions are made of.
//
//===------------------------------------------------------------------------------------------------------------===//

def Precision : Enumeration<"element type codes, the same in TIU precisions and GDMA formats"> {
  let cases = [
    Case<"INT8", 0, "8-bit integer">,
    Case<"FP16", 1, "IEEE half">,
    Case<"FP32", 2, "IEEE single">,
    Case<"INT16", 3, "16-bit integer">,
    Case<"INT32", 4, "32-bit integer">,
    Case<"BF16", 5, "bfloat16">,
    Case<"INT4", 6, "4-bit integer">];
}

def StrideMode : Enumeration<"layout of a tensor operand in local memory"> {
  let cases = [
    Case<"Aligned", 0, "c_str=align(h*w, 64 bytes), n_str=c_str*ceil((start_lane+C)/64), h_str=w, w_str=1">,
    Case<"Compact", 1, "like 0 but c_str=h*w">,
    Case<"PerChannel", 2, "strides (n,c,h,w)=(0,1,0,0)">,
    Case<"Free", 3, "strides taken from the *_str fields (SGL opd0: line-aligned, stored per channel)">,
    Case<"OneTable", 4, "one line-aligned table per lane, channel stride 0">];
}

def Rounding : Enumeration<"rounding modes of shifts and conversions"> {
  let cases = [
    Case<"HalfToEven", 0, "half to even">,
    Case<"HalfAwayFromZero", 1, "half away from zero">,
    Case<"TowardZero", 2, "toward zero">,
    Case<"Down", 3, "down (floor)">,
    Case<"Up", 4, "up (ceil)">,
    Case<"HalfUp", 5, "half up">,
    Case<"HalfDown", 6, "half down">];
}

def PadMode : Enumeration<"how padding pixels are made"> {
  let cases = [
    Case<"Constant", 0, "a constant">,
    Case<"Reflection", 1, "mirrored at the border pixel">,
    Case<"Replication", 2, "the border pixel">,
    Case<"Circular", 3, "from the opposite border">];
}


def cmd_short : Field<"1 for the short form of an instruction">;
def cmd_id : Field<"number of this command in its own stream, counted from 1">;
def cmd_id_dep : Field<"command of the other engine that has to be complete before this one starts; 0 = none">;
def tsk_typ : Field<"instruction family">;
def tsk_eu_typ : Field<"sub-operation of the family">;
def eu_half_en : Field<"use half of the execution units">;
def tsk_opd_num : Field<"number of operands">;
def pad_mode : EnumField<"how padding is filled", PadMode>;
def cmd_id_en : Field<"engines to synchronise with; bit 0 = the other one of TIU and GDMA">;
def pwr_step : Field<"power throttling step">;
def intr_en : Field<"raise an interrupt when the command is complete">;
def res_add : Field<"add the result to what the result tensor holds">;
def relu : Field<"clamp the result at zero">;
def left_tran : Field<"the left matrix is stored transposed">;
def rsvd1 : HexField<"reserved">;
def kernel_rotate : Field<"rotate the kernel by 180 degrees">;
def opd0_sign : Field<"operand 0 is signed">;
def opd1_sign : Field<"operand 1 is signed">;
def opd2_sign : Field<"operand 2 is signed">;
def res0_prec : EnumField<"element type of result", Precision>;
def opd0_prec : EnumField<"element type of operand 0", Precision>;
def opd1_prec : EnumField<"element type of operand 1", Precision>;
def opd2_prec : EnumField<"element type of operand 2", Precision>;
def opd0_const : Field<"operand 0 is the constant in the address field">;
def opd1_const : Field<"operand 1 is the constant in the address field">;
def opd2_const : Field<"operand 2 is the constant in the address field">;
def res0_str : EnumField<"layout of result", StrideMode>;
def opd0_str : EnumField<"layout of operand 0", StrideMode>;
def opd1_str : EnumField<"layout of operand 1", StrideMode>;
def opd2_str : EnumField<"layout of operand 2", StrideMode>;
def res_add_sign : Field<"sign of the accumulated result">;
def rsvd2 : HexField<"reserved">;
def rsvd3 : HexField<"reserved">;
def opd3_const : Field<"operand 3 is the constant in the address field">;
def rsvd4 : HexField<"reserved">;
def opd0_x_ins0 : Field<"zeros inserted between two input pixels of a row">;
def opd0_y_ins0 : Field<"zero rows inserted between two input rows">;
def opd1_x_ins0 : Field<"kernel dilation along W, minus one">;
def opd1_y_ins0 : Field<"kernel dilation along H, minus one">;
def opd0_up_pad : Field<"padding rows above">;
def opd0_dn_pad : Field<"padding rows below">;
def opd0_lf_pad : Field<"padding columns on the left">;
def opd0_rt_pad : Field<"padding columns on the right">;
def res_op_x_str : Field<"window stride along W">;
def res_op_y_str : Field<"window stride along H">;
def res0_h_shift : Field<"shift of result along H">;
def res0_w_shift : Field<"shift of result along W">;
def opd0_h_shift : Field<"shift of operand 0 along H">;
def opd0_w_shift : Field<"shift of operand 0 along W">;
def opd1_h_shift : Field<"shift of operand 1 along H">;
def opd1_w_shift : Field<"shift of operand 1 along W">;
def tsk_lane_num : HexField<"lanes that take part, one bit each">;
def res0_n : Field<"N of result">;
def res0_c : Field<"C of result">;
def res0_h : Field<"H of result">;
def res0_w : Field<"W of result">;
def opd0_n : Field<"N of operand 0">;
def opd0_c : Field<"C of operand 0">;
def opd0_h : Field<"H of operand 0">;
def opd0_w : Field<"W of operand 0">;
def opd1_n : Field<"N of operand 1">;
def opd1_c : Field<"C of operand 1">;
def opd1_h : Field<"H of operand 1">;
def opd1_w : Field<"W of operand 1">;
def res0_n_str : Field<"stride of result along N, in elements">;
def res0_c_str : Field<"stride of result along C, in elements">;
def opd0_n_str : Field<"stride of operand 0 along N, in elements">;
def opd0_c_str : Field<"stride of operand 0 along C, in elements">;
def opd1_n_str : Field<"stride of operand 1 along N, in elements">;
def opd1_c_str : Field<"stride of operand 1 along C, in elements">;
def opd2_n_str : Field<"rounding mode or iteration selector of the sub-operation">;
def opd2_c_str : Field<"stride of operand 2 along C, in elements">;
def res0_addr : HexField<"local byte address of result, or its constant">;
def opd0_addr : HexField<"local byte address of operand 0, or its constant">;
def opd1_addr : HexField<"local byte address of operand 1, or its constant">;
def opd2_addr : HexField<"local byte address of operand 2, or its constant">;
def res0_h_str : Field<"stride of result along H, in elements">;
def res0_w_str : Field<"stride of result along W, in elements">;
def opd0_h_str : Field<"stride of operand 0 along H, in elements">;
def opd0_w_str : Field<"stride of operand 0 along W, in elements">;
def opd1_h_str : Field<"stride of operand 1 along H, in elements">;
def opd1_w_str : Field<"stride of operand 1 along W, in elements">;
def opd2_h_str : Field<"stride of operand 2 along H, in elements">;
def opd2_w_str : Field<"stride of operand 2 along W, in elements">;
def res1_addr : HexField<"local byte address of second result, or its constant">;
def opd3_addr : HexField<"local byte address of operand 3, or its constant">;
def start_tid : Field<"first lane">;
def rsvd0 : HexField<"reserved">;
def cmd_id_eng1 : Field<"id of an engine that is absent on this chip">;
def cmd_id_eng2 : Field<"id of an engine that is absent on this chip">;
def cmd_id_eng3 : Field<"id of an engine that is absent on this chip">;
def rsvd5 : HexField<"reserved">;
def rsvd6 : HexField<"reserved">;
def stride_enable : Field<"strides come from the stride fields">;
def nchw_copy : Field<"destination has the shape of the source">;
def decompress_enable : Field<"decompress while moving">;
def cmd_type : Field<"kind of move">;
def cmd_special_function : Field<"variant of the move">;
def fill_constant_en : Field<"fill the destination with constant_value">;
def src_data_format : EnumField<"element type", Precision>;
def constant_value : HexField<"constant in the bit pattern of the element type">;
def src_nstride : Field<"stride of the source along N, in elements">;
def src_cstride : Field<"stride of the source along C, in elements">;
def src_hstride : Field<"stride of the source along H, in elements">;
def src_wstride : Field<"stride of the source along W, in elements">;
def dst_nstride : Field<"stride of the destination along N, in elements">;
def dst_cstride : Field<"stride of the destination along C, in elements">;
def dst_hstride : Field<"stride of the destination along H, in elements">;
def dst_wstride : Field<"stride of the destination along W, in elements">;
def src_nsize : Field<"N of the source">;
def src_csize : Field<"C of the source">;
def src_hsize : Field<"H of the source">;
def src_wsize : Field<"W of the source">;
def dst_nsize : Field<"N of the destination">;
def dst_csize : Field<"C of the destination">;
def dst_hsize : Field<"H of the destination">;
def dst_wsize : Field<"W of the destination">;
def src_start_addr_l32 : HexField<"byte address of the source, low 32 bits">;
def src_start_addr_h8 : HexField<"byte address of the source, high 8 bits">;
def dst_start_addr_l32 : HexField<"byte address of the destination, low 32 bits">;
def dst_start_addr_h8 : HexField<"byte address of the destination, high 8 bits">;
def localmem_mask_l32 : HexField<"lanes 0..31 that take part">;
def localmem_mask_h32 : HexField<"lanes 32..63 that take part">;
def index_cstride : Field<"stride of the index along C, in elements">;
def index_hstride : Field<"stride of the index along H, in elements">;
def index_csize : Field<"C of the index">;
def index_hsize : Field<"H of the index">;
def index_start_addr_l32 : HexField<"byte address of the index, low 32 bits">;
def index_start_addr_h8 : HexField<"byte address of the index, high 8 bits">;
def move_length : Field<"elements to move">;
def mask_data_format : EnumField<"element type of the mask", Precision>;
def mask_start_addr_l32 : HexField<"byte address of the mask, low 32 bits">;
def mask_start_addr_h8 : HexField<"byte address of the mask, high 8 bits">;
def index_data_format : EnumField<"element type of the indices", Precision>;
def base_index : Field<"added to every index">;
def rsvd7 : HexField<"reserved">;
def sys_hstride : Field<"stride of the system memory side along H, in elements">;
def lmem_nstride : Field<"stride of the local memory side along N, in elements">;
def lmem_cstride : Field<"stride of the local memory side along C, in elements">;
def sys_hsize : Field<"H of the system memory side">;
def sys_wsize : Field<"W of the system memory side">;
def lmem_nsize : Field<"N of the local memory side">;
def lmem_csize : Field<"C of the local memory side">;
def lmem_wsize : Field<"W of the local memory side">;
