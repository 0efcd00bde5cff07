/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the page, read once from the class path; a path of a request opens nothing. */
final class Assets {
  private static final String ECHARTS =
      "/META-INF/resources/_static/echarts/6.0.0/dist/echarts.min.js";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  private final Map<String, Asset> byPath = new HashMap<>();

  /** A file and its type. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Asset(String type, byte[] bytes) {}

  Assets() {
    add("/", "index.html", "text/html; charset=utf-8");
    add("/style.css", "style.css", "text/css; charset=utf-8");
    add("/favicon.svg", "favicon.svg", "image/svg+xml");
    for (String script : new String[] {"app", "model", "theme", "curves", "maps", "codes"}) {
      add("/" + script + ".js", script + ".js", SCRIPT);
    }
    add("/echarts.js", ECHARTS, SCRIPT);
  }

  private void add(String path, String resource, String type) {
    try (InputStream in = Assets.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(
            resource + " must be on the class path; org.mvnpm:echarts:6.0.0 has the charts");
      }
      byPath.put(path, new Asset(type, in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Nullable Asset get(String path) {
    return byPath.get(path);
  }
}
