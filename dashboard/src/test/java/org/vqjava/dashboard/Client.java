/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Asks over a socket, so that every byte of a request is what a test says. */
final class Client {
  private final int port;

  Client(DashboardServer server) {
    this.port = server.address().getPort();
  }

  /**
   * An answer.
   *
   * @param status its number
   * @param head status line and headers
   * @param body as text
   */
  record Answer(int status, String head, String body) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(body);
    }
  }

  static URI base(DashboardServer server) {
    return server.address().resolve("/");
  }

  Answer get(String path, String... headers) throws IOException {
    return ask("GET", path, "localhost:" + port, headers);
  }

  Answer ask(String method, String path, String host, String... headers) throws IOException {
    StringBuilder request =
        new StringBuilder(method + " " + path + " HTTP/1.1\r\nConnection: close\r\n");
    if (!host.isEmpty()) {
      request.append("Host: ").append(host).append("\r\n");
    }
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    try (Socket socket = open()) {
      socket
          .getOutputStream()
          .write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(all);
      String text = all.toString(StandardCharsets.UTF_8);
      int end = text.indexOf("\r\n\r\n");
      return new Answer(
          Integer.parseInt(text.substring(9, 12)), text.substring(0, end), text.substring(end + 4));
    }
  }

  Socket open() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(300_000);
    return socket;
  }

  /** Begins to listen and hands over what comes; by HTTP 1.0, whose answers are in one piece. */
  Socket listen(String path, String... headers) throws IOException {
    Socket socket = open();
    StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    socket
        .getOutputStream()
        .write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** A line that tells something. */
  static String line(InputStream in) throws IOException {
    while (true) {
      StringBuilder line = new StringBuilder();
      int c = in.read();
      while (c >= 0 && c != '\n') {
        if (c != '\r') {
          line.append((char) c);
        }
        c = in.read();
      }
      if (c < 0) {
        throw new IOException("the stream has ended");
      }
      if (!line.toString().matches(":?")) {
        return line.toString();
      }
    }
  }
}
