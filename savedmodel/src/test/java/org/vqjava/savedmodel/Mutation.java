/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;

/** Models as nobody writes them: damaged as files, or sound as files and wrong in what they say. */
final class Mutation {
  private static final long[] NUMBERS = {
    -2,
    -1,
    0,
    1,
    2,
    7,
    1 << 16,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final String PROTO = "saved_model.pb";

  private final Random random;

  /** The number of a mutant alone says what it is. */
  Mutation(long number) {
    random = new Random(number * 7919 + 17);
  }

  /** Writes one of the models into a folder that is there, and changes it. */
  void write(List<Path> models, Path folder) throws IOException {
    Path model = models.get(random.nextInt(models.size()));
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = folder.resolve(model.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
    switch (random.nextInt(12)) {
      case 0 -> damage(folder.resolve(PROTO));
      case 1 -> damage(folder.resolve("variables/variables.index"));
      case 2 -> damage(folder.resolve("variables/variables.data-00000-of-00001"));
      case 3 -> Files.delete(folder.resolve("variables/variables.data-00000-of-00001"));
      default -> distort(folder.resolve(PROTO));
    }
  }

  private void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (random.nextInt(4) == 0) {
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
    } else {
      for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
    }
    Files.write(file, bytes);
  }

  private void distort(Path file) throws IOException {
    SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    MetaGraphDef.Builder meta = model.getMetaGraphsBuilder(0);
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      if (random.nextInt(10) == 0) {
        distortSignature(meta);
      } else {
        distortNode(meta.getGraphDefBuilder());
      }
    }
    Files.write(file, model.build().toByteArray());
  }

  private void distortSignature(MetaGraphDef.Builder meta) {
    List<String> keys = new ArrayList<>(meta.getSignatureDefMap().keySet());
    String key = pick(keys);
    SignatureDef.Builder signature = meta.getSignatureDefOrThrow(key).toBuilder();
    List<String> outputs = new ArrayList<>(signature.getOutputsMap().keySet());
    if (!outputs.isEmpty()) {
      String node = pick(meta.getGraphDef().getNodeList()).getName();
      signature.putOutputs(
          pick(outputs), TensorInfo.newBuilder().setName(node + ":" + number()).build());
    }
    meta.putSignatureDef(key, signature.build());
  }

  private void distortNode(GraphDef.Builder graph) {
    List<String> types = new ArrayList<>();
    graph.getNodeList().forEach(node -> types.add(node.getOp()));
    List<String> functions = new ArrayList<>();
    for (FunctionDef function : graph.getLibrary().getFunctionList()) {
      function.getNodeDefList().forEach(node -> types.add(node.getOp()));
      functions.add(function.getSignature().getName());
    }
    int inFunctions = graph.getLibrary().getFunctionCount();
    if (inFunctions > 0 && random.nextInt(4) > 0) {
      FunctionDef.Builder function =
          graph.getLibraryBuilder().getFunctionBuilder(random.nextInt(inFunctions));
      if (function.getNodeDefCount() > 0) {
        int i = random.nextInt(function.getNodeDefCount());
        List<NodeDef> others = function.getNodeDefList();
        function.setNodeDef(i, distorted(function.getNodeDef(i), others, types, functions));
      }
    } else {
      int i = random.nextInt(graph.getNodeCount());
      graph.setNode(i, distorted(graph.getNode(i), graph.getNodeList(), types, functions));
    }
  }

  private NodeDef distorted(
      NodeDef node, List<NodeDef> others, List<String> types, List<String> functions) {
    NodeDef.Builder changed = node.toBuilder();
    switch (random.nextInt(8)) {
      case 0 -> changed.setOp(pick(types));
      case 1 -> changed.setName(pick(others).getName());
      case 2 -> {
        if (node.getInputCount() > 0) {
          String input = pick(others).getName() + (random.nextBoolean() ? "" : ":" + number());
          changed.setInput(random.nextInt(node.getInputCount()), input);
        }
      }
      case 3 -> {
        List<String> inputs = new ArrayList<>(node.getInputList());
        if (random.nextBoolean() && !inputs.isEmpty()) {
          inputs.remove(random.nextInt(inputs.size()));
        } else {
          inputs.add(random.nextInt(inputs.size() + 1), pick(others).getName());
        }
        changed.clearInput().addAllInput(inputs);
      }
      default -> {
        List<String> attributes = new ArrayList<>(node.getAttrMap().keySet());
        if (!attributes.isEmpty()) {
          String name = pick(attributes);
          if (random.nextInt(6) == 0) {
            changed.removeAttr(name);
          } else {
            changed.putAttr(name, distorted(node.getAttrOrThrow(name), functions));
          }
        }
      }
    }
    return changed.build();
  }

  private AttrValue distorted(AttrValue value, List<String> functions) {
    AttrValue.Builder changed = value.toBuilder();
    switch (value.getValueCase()) {
      case TYPE -> changed.setTypeValue(random.nextInt(random.nextBoolean() ? 25 : 200));
      case I -> changed.setI(number());
      case F -> changed.setF(Float.intBitsToFloat(random.nextInt()));
      case B -> changed.setB(!value.getB());
      case S ->
          changed.setS(ByteString.copyFromUtf8(pick(List.of("", "SAME", "VALID", "NCHW", "NHWC"))));
      case SHAPE -> changed.setShape(distorted(value.getShape()));
      case TENSOR -> {
        if (random.nextBoolean()) {
          changed.getTensorBuilder().setTensorShape(distorted(value.getTensor().getTensorShape()));
        } else {
          changed.getTensorBuilder().setDtype(DataType.forNumber(1 + random.nextInt(22)));
        }
      }
      case FUNC -> {
        if (!functions.isEmpty()) {
          changed.getFuncBuilder().setName(pick(functions));
        }
      }
      case LIST -> {
        AttrValue.ListValue.Builder list = changed.getListBuilder();
        UnaryOperator<List<Long>> anything = l -> l.stream().map(n -> number()).toList();
        List<Long> numbers = anything.apply(list.getIList());
        list.clearI().addAllI(numbers);
        for (int i = 0; i < list.getTypeCount(); i++) {
          list.setTypeValue(i, random.nextInt(25));
        }
        for (int i = 0; i < list.getShapeCount(); i++) {
          list.setShape(i, distorted(list.getShape(i)));
        }
      }
      default -> changed.setI(number());
    }
    return changed.build();
  }

  private TensorShapeProto distorted(TensorShapeProto shape) {
    TensorShapeProto.Builder changed = shape.toBuilder();
    if (shape.getDimCount() == 0 || random.nextInt(3) == 0) {
      return changed.addDim(TensorShapeProto.Dim.newBuilder().setSize(number())).build();
    }
    changed.getDimBuilder(random.nextInt(shape.getDimCount())).setSize(number());
    return changed.build();
  }

  private long number() {
    return random.nextInt(3) == 0 ? random.nextInt(20) : NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
