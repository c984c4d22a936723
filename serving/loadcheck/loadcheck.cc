// Loads a SavedModel the way TensorFlow Serving does, XLA off, and runs requests against it.
//
// usage: loadcheck MODEL_DIR [REQUEST_FILE RESPONSE_FILE]...
//
// A request is a serialized tensorflow.NameAttrList: name = signature, attr[alias].tensor = input. The response is
// written the same way with the outputs. Exits with 1 and a line `loadcheck: reason` on stderr where anything fails.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tensorflow/cc/saved_model/loader.h"
#include "tensorflow/compiler/jit/flags.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/public/session.h"

namespace tf = tensorflow;

static int Fail(const std::string& what) {
  std::string line = what;
  std::replace(line.begin(), line.end(), '\n', ' ');  // one line, to be told from TensorFlow's own messages
  std::cerr << "loadcheck: " << line << std::endl;
  return 1;
}

static std::string Answer(tf::SavedModelBundle& bundle, const tf::NameAttrList& request, tf::NameAttrList* response) {
  const auto& signatures = bundle.GetSignatures();
  const auto signature = signatures.find(request.name());
  if (signature == signatures.end()) return "no signature " + request.name();
  std::vector<std::pair<std::string, tf::Tensor>> inputs;
  for (const auto& [alias, info] : signature->second.inputs()) {
    const auto sent = request.attr().find(alias);
    tf::Tensor tensor;
    if (sent == request.attr().end() || !tensor.FromProto(sent->second.tensor())) return "no whole input " + alias;
    inputs.emplace_back(info.name(), tensor);
  }
  std::vector<std::string> aliases, names;
  for (const auto& [alias, info] : signature->second.outputs()) {
    aliases.push_back(alias);
    names.push_back(info.name());
  }
  std::vector<tf::Tensor> outputs;
  const auto status = bundle.session->Run(inputs, names, {}, &outputs);
  if (!status.ok()) return status.ToString();
  response->set_name(request.name());
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].AsProtoField((*response->mutable_attr())[aliases[i]].mutable_tensor());
  }
  return "";
}

int main(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) return Fail("usage: loadcheck MODEL_DIR [REQUEST_FILE RESPONSE_FILE]...");
  tf::DisableXlaCompilation();  // functions that must be compiled fail, as in a server without XLA
  tf::SessionOptions options;
  options.config.mutable_graph_options()->mutable_optimizer_options()->set_global_jit_level(tf::OptimizerOptions::OFF);
  tf::SavedModelBundle bundle;
  const auto loaded =
      tf::LoadSavedModel(options, tf::RunOptions(), argv[1], {"serve"}, &bundle);
  if (!loaded.ok()) return Fail(loaded.ToString());
  for (int i = 2; i < argc; i += 2) {
    std::ifstream file(argv[i], std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    tf::NameAttrList request, response;
    if (!request.ParseFromString(bytes)) return Fail(std::string("not a request: ") + argv[i]);
    const std::string error = Answer(bundle, request, &response);
    if (!error.empty()) return Fail(request.name() + ": " + error);
    std::ofstream out(argv[i + 1], std::ios::binary);
    if (!(out << response.SerializeAsString()).flush()) return Fail(std::string("cannot write ") + argv[i + 1]);
  }
  return 0;
}
