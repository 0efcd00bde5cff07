/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.tensorflow.ndarray.Shape;

/**
 * An object of a golden case that remembers which of its keys were asked for.
 *
 * <p>A key that the reader does not know would silently leave something unchecked; {@link
 * #requireAllRead} turns it into a failure.
 */
public final class GoldenNode {
  private final String path;
  private final JsonNode node;
  private final Set<String> read = new LinkedHashSet<>();
  private final List<GoldenNode> children = new ArrayList<>();

  GoldenNode(String path, JsonNode node) {
    if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
      throw new IllegalArgumentException(path + " must be an object, got " + node);
    }
    this.path = path;
    this.node = node;
  }

  /**
   * Whether the key is there and not null; counts as asked for.
   *
   * @param key a key of this object
   * @return true if it has a value
   */
  public boolean has(String key) {
    read.add(key);
    return node.hasNonNull(key);
  }

  /**
   * A text parameter.
   *
   * @param key a key of this object
   * @return its text
   */
  public String text(String key) {
    return require(key, "a text", JsonNode::isTextual).textValue();
  }

  /**
   * A number parameter.
   *
   * @param key a key of this object
   * @return its value
   */
  public double number(String key) {
    return require(key, "a number", JsonNode::isNumber).doubleValue();
  }

  /**
   * A whole-number parameter.
   *
   * @param key a key of this object
   * @return its value
   */
  public int integer(String key) {
    return require(key, "an int", v -> v.canConvertToExactIntegral() && v.canConvertToInt())
        .intValue();
  }

  /**
   * A boolean parameter.
   *
   * @param key a key of this object
   * @return its value
   */
  public boolean flag(String key) {
    return require(key, "true or false", JsonNode::isBoolean).booleanValue();
  }

  /**
   * A tensor.
   *
   * @param key a key of this object
   * @return the tensor
   */
  public GoldenTensor tensor(String key) {
    return GoldenTensor.read(path + "/" + key, require(key));
  }

  /**
   * A tensor that a case may lack, as one that is to be refused may.
   *
   * @param key a key of this object
   * @param otherwise the shape of the zeros that stand for it
   * @return the tensor, or zeros in float32
   */
  public GoldenTensor tensorOrZeros(String key, Shape otherwise) {
    return has(key) ? tensor(key) : GoldenTensor.zeros(otherwise);
  }

  /**
   * A value of any form, for what is neither a number nor a tensor.
   *
   * @param key a key of this object
   * @return the value as it stands, all of which counts as read
   */
  public JsonNode json(String key) {
    return require(key);
  }

  /**
   * An object inside this one; empty if it is absent.
   *
   * @param key a key of this object
   * @return the inner object, whose unread keys count as unread here
   */
  public GoldenNode child(String key) {
    read.add(key);
    GoldenNode child = new GoldenNode(path + "/" + key, node.path(key));
    children.add(child);
    return child;
  }

  /**
   * The names of all keys; none of them counts as asked for.
   *
   * @return the keys in the file's order
   */
  public List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (Iterator<String> i = node.fieldNames(); i.hasNext(); ) {
      keys.add(i.next());
    }
    return keys;
  }

  /**
   * Marks a key as one that is rightly without effect here.
   *
   * @param key a key of this object
   * @param why the reason, for whoever reads the reader
   */
  public void ignore(String key, String why) {
    if (why.isBlank()) {
      throw new IllegalArgumentException("why must not be blank");
    }
    read.add(key);
  }

  /**
   * Marks all keys as such.
   *
   * @param why the reason, for whoever reads the reader
   */
  public void ignoreAll(String why) {
    keys().forEach(key -> ignore(key, why));
  }

  /**
   * Fails if this object holds a key that nothing asked for.
   *
   * @throws AssertionError naming the keys
   */
  public void requireAllRead() {
    List<String> unread = new ArrayList<>(keys());
    unread.removeAll(read);
    if (!unread.isEmpty()) {
      throw new AssertionError(path + ": the reader does not know " + unread);
    }
    children.forEach(GoldenNode::requireAllRead);
  }

  private JsonNode require(String key, String what, Predicate<JsonNode> is) {
    JsonNode value = require(key);
    if (!is.test(value)) {
      throw new IllegalArgumentException(path + "/" + key + " must be " + what + ", got " + value);
    }
    return value;
  }

  private JsonNode require(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException(path + " must have " + key + ", got " + keys());
    }
    return node.get(key);
  }
}
