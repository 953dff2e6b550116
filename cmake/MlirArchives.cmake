# MLIR as one interface target, `mlir_deps`, made of static archives named by path: the exported CMake targets
# would drag in libLLVM.so. Nothing is exported, so several copies of MLIR can live in one process.
set(_archives)
foreach(l OptLib Transforms TransformUtils Rewrite RewritePDL PDLToPDLInterp PDLDialect PDLInterpDialect Pass Analysis
    Presburger Parser AsmParser BytecodeReader BytecodeWriter BytecodeOpInterface Debug Observers PluginsLib IRDL
    RemarkStreamer FuncDialect QuantDialect QuantUtils IR Support Dialect ControlFlowInterfaces CallInterfaces
    CastInterfaces FunctionInterfaces SideEffectInterfaces InferTypeOpInterface LoopLikeInterface DataLayoutInterfaces
    MemorySlotInterfaces RuntimeVerifiableOpInterface SubsetOpInterface ViewLikeInterface ValueBoundsOpInterface
    DestinationStyleOpInterface InferIntRangeInterface ControlFlowDialect ArithDialect UBDialect ShapedOpInterfaces
    InferIntRangeCommon DialectUtils MemOpInterfaces)
  if(EXISTS ${LLVM_PREFIX}/lib/libMLIR${l}.a)
    list(APPEND _archives ${LLVM_PREFIX}/lib/libMLIR${l}.a)
  endif()
endforeach()
set(_llvm)
foreach(l Core Remarks BitstreamReader BinaryFormat TargetParser Support Demangle)
  list(APPEND _llvm ${LLVM_PREFIX}/lib/libLLVM${l}.a)
endforeach()

# LLVM's support library alone, for the rooms that do not know MLIR (llvm::Expected, StringRef, raw_ostream).
add_library(llvm_support INTERFACE)
target_link_libraries(llvm_support INTERFACE ${LLVM_PREFIX}/lib/libLLVMSupport.a ${LLVM_PREFIX}/lib/libLLVMDemangle.a
  z pthread dl m)

add_library(mlir_deps INTERFACE)
target_link_libraries(mlir_deps INTERFACE -Wl,--start-group ${_archives} ${_llvm} -Wl,--end-group z pthread dl m)
target_link_options(mlir_deps INTERFACE -Wl,--gc-sections -Wl,--exclude-libs,ALL)
