// model_tool: looks into bmodel files, takes them apart and puts them together. Errors are one sentence on stderr and
// exit status 1.
#include "ModelTool.h"
#include "tpu_mlir/BModel/Writer.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace tpu_mlir::bmodel;

namespace {

using Arguments = ArrayRef<std::string>;

constexpr const char *usage = R"(Usage:
  model_tool --info FILE                       chip, networks, inputs, outputs, memory
  model_tool --print FILE                      all tables of the file
  model_tool --weight FILE                     names and ranges of the weights
  model_tool --chip FILE                       name of the chip
  model_tool --dynamic FILE                    "true" when a network is dynamic
  model_tool --extract FILE                    one file per network and stage, into the working directory
  model_tool --combine FILE1 ... FILEN -o OUT  one file with all networks
  model_tool --dump FILE OFFSET SIZE OUT       bytes of the binary section
  model_tool --kernel_remove FILE              removes the firmware, which files do not need
)";

Error wrongUsage(const Twine &what) { return createStringError(what + "; see model_tool --help"); }

Error withFile(Arguments arguments, function_ref<Error(const File &)> action) {
  if (arguments.empty())
    return wrongUsage("the name of a bmodel is missing");
  Expected<File> file = openFile(arguments.front());
  return file ? action(*file) : file.takeError();
}

Error printing(Arguments arguments, function_ref<void(const File &)> print) {
  if (arguments.size() > 1)
    return wrongUsage("only one file can be shown at a time");
  return withFile(arguments, [&](const File &file) {
    print(file);
    return Error::success();
  });
}

Error runExtract(Arguments arguments) {
  return withFile(arguments, [](const File &file) -> Error {
    auto names = model_tool::extract(file.model);
    if (!names)
      return names.takeError();
    for (const std::string &name : *names)
      outs() << "Generate file [" << name << "] ......\n";
    outs() << "Success: all files have been generated!\n";
    return Error::success();
  });
}

Error runCombine(Arguments arguments) {
  std::vector<std::string> inputs;
  std::string output;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != "-o") {
      inputs.push_back(arguments[i]);
      continue;
    }
    if (++i == arguments.size() || !output.empty())
      return wrongUsage("-o needs one file name");
    output = arguments[i];
  }
  if (inputs.empty() || output.empty())
    return wrongUsage("--combine needs input files and -o OUT");
  Expected<Model> model = model_tool::combine(inputs);
  if (!model)
    return model.takeError();
  if (Error error = writeModel(*model, output))
    return error;
  outs() << "Success: combined to [" << output << "].\n";
  return Error::success();
}

Error runDump(Arguments arguments) {
  uint64_t offset = 0, size = 0;
  if (arguments.size() != 4 || !to_integer(arguments[1], offset) || !to_integer(arguments[2], size))
    return wrongUsage("--dump needs FILE OFFSET SIZE OUT");
  return withFile(arguments, [&](const File &file) -> Error {
    ArrayRef<uint8_t> section = file.binarySection.bytes();
    if (offset > section.size() || size > section.size() - offset)
      return createStringError(arguments[0] + ": the binary section has only " + Twine(section.size()) + " bytes");
    return writeBytes(section.slice(offset, size), arguments[3]);
  });
}

Error runKernelRemove(Arguments arguments) {
  return withFile(arguments, [&](const File &file) {
    Model model = file.model;
    model.kernelModule.reset();
    model.cpuModule.reset();
    return writeModel(model, arguments.front());
  });
}

Error run(StringRef command, Arguments rest) {
  if (command == "--info") {
    // Everything that --all would add is in --print.
    if (is_contained(rest, "--all"))
      return createStringError("--info --all is not supported; use --print");
    return printing(rest, [](const File &file) { model_tool::printInfo(file, outs()); });
  }
  if (command == "--print")
    return printing(rest, [](const File &file) { outs() << dumpTables(file) << '\n'; });
  if (command == "--weight")
    return printing(rest, [](const File &file) { model_tool::printWeights(file.model, outs()); });
  if (command == "--chip")
    return printing(rest, [](const File &file) { outs() << file.model.chip << '\n'; });
  if (command == "--dynamic")
    return printing(rest, [](const File &file) {
      bool isDynamic = any_of(file.model.nets, [](const Net &net) {
        return any_of(net.stages, [](const Stage &stage) { return stage.isDynamic != 0; });
      });
      outs() << (isDynamic ? "true\n" : "false\n");
    });
  if (command == "--extract")
    return runExtract(rest);
  if (command == "--combine")
    return runCombine(rest);
  if (command == "--dump")
    return runDump(rest);
  if (command == "--kernel_remove")
    return runKernelRemove(rest);
  constexpr const char *known[] = {"--update_weight", "--encrypt",       "--decrypt",     "--refresh",
                                   "--combine_dir",   "--combine_coeff", "--kernel_dump", "--kernel_update"};
  if (is_contained(known, command))
    return createStringError(command + " is not supported by this model_tool");
  return wrongUsage("unknown command '" + command + "'");
}

} // namespace

int main(int argc, char **argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
    (arguments.empty() ? errs() : outs()) << usage;
    return arguments.empty() ? 1 : 0;
  }
  if (Error error = run(arguments[0], Arguments(arguments).drop_front())) {
    errs() << "model_tool: " << toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}
