/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoldenNodeTest {
  @Test
  void keysKeepTheOrderOfTheFileAndDoNotCountAsRead() throws JsonProcessingException {
    GoldenNode node = node("{'b': 1, 'a': 2}");
    assertEquals(List.of("b", "a"), node.keys());
    unread("params: the reader does not know [b, a]", node);
  }

  @Test
  void aKeyThatIsNullIsAbsentButMustBeAskedFor() throws JsonProcessingException {
    GoldenNode node = node("{'a': null}");
    unread("params: the reader does not know [a]", node);
    assertFalse(node.has("a"));
    node.requireAllRead();
    refused("params must have a, got [a]", () -> node.number("a"));
  }

  @Test
  void anAbsentKeyIsNamedWithThoseThatThereAre() throws JsonProcessingException {
    GoldenNode node = node("{'n': 4, 'alpha': 0.1}");
    refused("params must have beta, got [n, alpha]", () -> node.number("beta"));
    refused("params must have x, got [n, alpha]", () -> node.tensor("x"));
  }

  @Test
  void aChildThatIsAbsentOrNullIsEmpty() throws JsonProcessingException {
    GoldenNode node = node("{'losses': null}");
    assertEquals(List.of(), node.child("losses").keys());
    assertEquals(List.of(), node.child("gradients").keys());
    node.requireAllRead();
  }

  @Test
  void whatAChildLeavesUnreadIsUnreadInItsParent() throws JsonProcessingException {
    GoldenNode node = node("{'losses': {'alpha': {'deep': 1}}}");
    GoldenNode alpha = node.child("losses").child("alpha");
    unread("params/losses/alpha: the reader does not know [deep]", node);
    assertEquals(1, alpha.integer("deep"));
    node.requireAllRead();
  }

  @Test
  void aKeyIsIgnoredOnlyForAReason() throws JsonProcessingException {
    GoldenNode node = node("{'a': 1}");
    refused("why must not be blank", () -> node.ignore("a", " "));
    unread("params: the reader does not know [a]", node);
    node.ignore("a", "it has no effect here");
    node.requireAllRead();
  }

  @Test
  void aValueOfAnotherKindIsRefused() throws JsonProcessingException {
    GoldenNode node = node("{'text': 'few', 'number': 2.5, 'flag': true, 'large': 3000000000}");
    refused("params/text must be a number, got \"few\"", () -> node.number("text"));
    refused("params/text must be an int, got \"few\"", () -> node.integer("text"));
    refused("params/text must be true or false, got \"few\"", () -> node.flag("text"));
    refused("params/number must be an int, got 2.5", () -> node.integer("number"));
    refused("params/large must be an int, got 3000000000", () -> node.integer("large"));
    refused("params/number must be true or false, got 2.5", () -> node.flag("number"));
    refused("params/number must be a text, got 2.5", () -> node.text("number"));
    refused("params/flag must be a number, got true", () -> node.number("flag"));
    refused("params/flag must be an object, got true", () -> node.child("flag"));
    assertTrue(node.flag("flag"));
    assertEquals(3e9, node.number("large"));
  }

  /** Else what is expected would be taken for nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"[1]", "1", "\"x\""})
  void onlyAnObjectHasKeys(String json) {
    refused("params must be an object, got " + json, () -> node(json));
  }

  private static GoldenNode node(String json) throws JsonProcessingException {
    return new GoldenNode("params", new ObjectMapper().readTree(json.replace('\'', '"')));
  }

  private static void unread(String message, GoldenNode node) {
    assertEquals(message, assertThrows(AssertionError.class, node::requireAllRead).getMessage());
  }

  private static void refused(String message, Executable read) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, read).getMessage());
  }
}
