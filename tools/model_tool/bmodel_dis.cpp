// bmodel_dis: the command streams of bmodel files as text, and the differences between two files.
#include "tpu_mlir/BModel/Reader.h"
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;

namespace {

enum class Form { Text, Registers, Version };

/// Both streams of a command group in an order in which they can run: each GDMA command before the first TIU command
/// that waits for it, and the other way round.
std::vector<const Instruction *> merged(ArrayRef<Instruction> tiu, ArrayRef<Instruction> gdma) {
  std::vector<const Instruction *> result;
  size_t t = 0, g = 0;
  while (t < tiu.size() || g < gdma.size()) {
    bool tiuReady = t < tiu.size() && tiu[t].dependency() <= g;
    bool gdmaReady = g < gdma.size() && gdma[g].dependency() <= t;
    // Neither can run in a damaged file; it is listed all the same.
    if (gdmaReady || (!tiuReady && g < gdma.size()))
      result.push_back(&gdma[g++]);
    else
      result.push_back(&tiu[t++]);
  }
  return result;
}

void printRegisters(const Instruction &instruction, raw_ostream &os) {
  os << instruction.name() << ' ' << instruction.subOpName() << " {\n";
  for (Field field : fieldsOf(instruction.format()))
    os << "  " << name(field) << " = " << instruction[field] << '\n';
  os << "}\n";
}

void printInstruction(const Instruction &instruction, Form form, raw_ostream &os) {
  if (form == Form::Registers)
    printRegisters(instruction, os);
  else
    os << (instruction.engine() == Engine::TIU ? "  TIU  " : "  GDMA ") << disassemble(instruction) << '\n';
}

Error printGroup(const bmodel::CommandGroup &group, Form form, raw_ostream &os) {
  auto tiu = decodeStream(group.tiu.bytes(), Engine::TIU);
  if (!tiu)
    return tiu.takeError();
  auto gdma = decodeStream(group.gdma.bytes(), Engine::GDMA);
  if (!gdma)
    return gdma.takeError();
  for (const Instruction *instruction : merged(*tiu, *gdma))
    printInstruction(*instruction, form, os);
  return Error::success();
}

Error printModel(StringRef path, Form form, raw_ostream &os) {
  Expected<bmodel::Model> model = bmodel::readModel(path);
  if (!model)
    return model.takeError();
  if (form == Form::Version) {
    os << model->version << '\n';
    return Error::success();
  }
  if (model->chip != "BM1684X")
    return createStringError(path + ": the instructions of " + model->chip + " are not known, only those of BM1684X");
  for (const bmodel::Net &net : model->nets)
    for (auto [stage, parameters] : enumerate(net.stages))
      for (auto [number, subNet] : enumerate(parameters.subNets))
        for (auto [index, group] : enumerate(subNet.groups)) {
          os << "net " << net.name << " stage " << stage << " subnet " << number << " group " << index << '\n';
          if (Error error = printGroup(group, form, os))
            return createStringError(path + ": net '" + net.name + "', stage " + Twine(stage) + ", subnet " +
                                     Twine(number) + ", group " + Twine(index) + ": " + toString(std::move(error)));
        }
  return Error::success();
}

/// Lines of `a` and `b` that differ, position by position from both ends.
bool printDifference(StringRef a, StringRef b, int64_t context, raw_ostream &os) {
  SmallVector<StringRef> before, after;
  a.split(before, '\n', -1, false);
  b.split(after, '\n', -1, false);
  size_t first = 0, last = 0, common = std::min(before.size(), after.size());
  while (first < common && before[first] == after[first])
    ++first;
  if (first == before.size() && first == after.size())
    return false;
  while (last < common - first && before[before.size() - 1 - last] == after[after.size() - 1 - last])
    ++last;
  size_t lead = first < static_cast<size_t>(context) ? first : static_cast<size_t>(context);
  size_t trail = std::min(last, static_cast<size_t>(context));
  for (size_t i = first - lead; i < first; ++i)
    os << "  " << before[i] << '\n';
  for (size_t i = first; i < before.size() - last; ++i)
    os << "- " << before[i] << '\n';
  for (size_t i = first; i < after.size() - last; ++i)
    os << "+ " << after[i] << '\n';
  for (size_t i = before.size() - last; i < before.size() - last + trail; ++i)
    os << "  " << before[i] << '\n';
  return true;
}

struct Options {
  std::vector<std::string> paths;
  Form form = Form::Text;
  int64_t context = 3;
};

constexpr const char *usage = R"(Usage:
  bmodel_dis [--format text|reg|version] FILE        the command streams of a bmodel
  bmodel_dis [--format ...] [--N LINES] FILE1 FILE2       the differing part of two, with LINES (3) lines around it
)";

Expected<Form> parseForm(StringRef name) {
  if (name == "text")
    return Form::Text;
  if (name == "reg")
    return Form::Registers;
  if (name == "version")
    return Form::Version;
  if (name == "mlir" || name == "bits" || name == "bin" || name == "reg-set")
    return createStringError("--format " + name + " is not supported; use text, reg or version");
  return createStringError("unknown format '" + name + "'; use text, reg or version");
}

Expected<Options> parse(ArrayRef<std::string> arguments) {
  Options options;
  for (size_t i = 0; i < arguments.size(); ++i) {
    auto [key, value] = StringRef(arguments[i]).split('=');
    if (key != "--format" && key != "--N") {
      if (key.starts_with("-"))
        return createStringError("unknown option " + key + "; see bmodel_dis --help");
      options.paths.push_back(arguments[i]);
      continue;
    }
    if (value.empty() && ++i < arguments.size())
      value = arguments[i];
    if (key == "--N") {
      if (!to_integer(value, options.context) || options.context < 0)
        return createStringError("--N needs a number of lines");
      continue;
    }
    Expected<Form> form = parseForm(value);
    if (!form)
      return form.takeError();
    options.form = *form;
  }
  if (options.paths.empty() || options.paths.size() > 2)
    return createStringError("one or two bmodels are needed; see bmodel_dis --help");
  return options;
}

/// The exit status: 1 when two files differ, as diff does.
Expected<int> run(ArrayRef<std::string> arguments) {
  Expected<Options> options = parse(arguments);
  if (!options)
    return options.takeError();
  std::vector<std::string> texts;
  for (const std::string &path : options->paths) {
    raw_string_ostream os(texts.emplace_back());
    if (Error error = printModel(path, options->form, os))
      return error;
  }
  if (texts.size() == 2)
    return printDifference(texts[0], texts[1], options->context, outs()) ? 1 : 0;
  outs() << texts[0];
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && (arguments[0] == "--help" || arguments[0] == "-h")) {
    outs() << usage;
    return 0;
  }
  Expected<int> status = run(arguments);
  if (status)
    return *status;
  errs() << "bmodel_dis: " << toString(status.takeError()) << '\n';
  return 1;
}
