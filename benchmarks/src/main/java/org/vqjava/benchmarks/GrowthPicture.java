/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Time above, memory below; a column for each number that is changed; both scales logarithmic. */
final class GrowthPicture {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 340;

  private GrowthPicture() {}

  static BufferedImage of(List<Growth.Point> points) {
    List<Growth.Axis> axes = List.of(Growth.Axis.values());
    BufferedImage image =
        new BufferedImage(axes.size() * WIDTH, 2 * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < axes.size(); i++) {
      Growth.Axis axis = axes.get(i);
      List<Growth.Point> along = points.stream().filter(p -> p.axis() == axis).toList();
      int x = i * WIDTH;
      graphics.drawImage(chart(axis, "ms", along, Growth.Point::milliseconds), x, 0, null);
      graphics.drawImage(
          chart(axis, "MiB beyond the input", along, p -> p.kilobytes() / 1024.0), x, HEIGHT, null);
    }
    graphics.dispose();
    return image;
  }

  private static BufferedImage chart(
      Growth.Axis axis,
      String unit,
      List<Growth.Point> points,
      ToDoubleFunction<Growth.Point> figure) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle(axis.name())
            .yAxisTitle(unit)
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    for (Growth.Operation operation : Growth.Operation.values()) {
      for (int threads = 1; threads <= 2; threads++) {
        List<Double> values = new ArrayList<>();
        List<Double> figures = new ArrayList<>();
        for (Growth.Point point : points) {
          // A logarithmic scale has no 0.
          if (point.operation() == operation
              && point.threads() == threads
              && figure.applyAsDouble(point) > 0) {
            values.add((double) point.size().along(axis));
            figures.add(figure.applyAsDouble(point));
          }
        }
        if (!values.isEmpty()) {
          chart.addSeries(
              String.format(
                  Locale.ROOT, "%s, %d thread%s", operation, threads, threads == 1 ? "" : "s"),
              values,
              figures);
        }
      }
    }
    return BitmapEncoder.getBufferedImage(chart);
  }
}
