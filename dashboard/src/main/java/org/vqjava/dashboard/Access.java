/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may ask. */
final class Access {
  private static final String COOKIE = "vq-token";

  private final InetAddress host;
  private final Optional<String> token;

  Access(InetAddress host, Optional<String> token) {
    this.host = host;
    this.token = token;
  }

  /**
   * Whether the header names this machine. A page of somebody else's, whose name was made to lead
   * here (DNS rebinding), comes with that name. Where all addresses are bound to, it must be an
   * address and no name, and the token keeps others out.
   */
  boolean isHost(@Nullable String header) {
    if (header == null || header.length() > 255) {
      return false;
    }
    String name = header.toLowerCase(Locale.ROOT).replaceFirst(":\\d{1,5}$", "");
    if (name.equals("localhost") || name.equals("127.0.0.1") || name.equals("[::1]")) {
      return true;
    }
    if (host.isLoopbackAddress()) {
      return false;
    }
    if (host.isAnyLocalAddress()) {
      return name.matches("\\d{1,3}(\\.\\d{1,3}){3}")
          || name.matches("\\[[0-9a-f:.]{2,45}(%\\w+)?]");
    }
    return name.equals(host.getHostAddress())
        || name.equals("[" + host.getHostAddress() + "]")
        || name.equals(host.getHostName().toLowerCase(Locale.ROOT));
  }

  /** Whether a token is needed and the request does not bring it. */
  boolean isRefused(Headers headers) {
    return token.isPresent() && !brings(headers);
  }

  private boolean brings(Headers headers) {
    String authorization = headers.getFirst("Authorization");
    if (authorization != null && isToken(authorization.replaceFirst("^Bearer ", ""))) {
      return true;
    }
    List<String> cookies = headers.getOrDefault("Cookie", List.of());
    for (String line : cookies) {
      for (String cookie : line.split(";", -1)) {
        if (cookie.strip().startsWith(COOKIE + "=")
            && isToken(cookie.strip().substring(COOKIE.length() + 1))) {
          return true;
        }
      }
    }
    return false;
  }

  /** In a time that does not tell how much of it is right. */
  boolean isToken(@Nullable String given) {
    return given != null
        && token.isPresent()
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), token.get().getBytes(StandardCharsets.UTF_8));
  }

  String cookie() {
    return COOKIE + "=" + token.orElseThrow() + "; HttpOnly; SameSite=Strict; Path=/";
  }
}
