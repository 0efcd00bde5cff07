/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.vqjava.workflow.ClassifierReport.Attack;

/** Charts of what an attack does. */
final class ClassifierPictures {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 420;
  private static final int BINS = 24;

  private ClassifierPictures() {}

  /** A group of bars for each way the images were changed, a bar for each network. */
  static BufferedImage accuracy(ClassifierReport report) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Test images in their class, mean of " + report.options().seeds() + " seeds")
            .yAxisTitle("%")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(100.0);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    for (ClassifierNetwork network : ClassifierNetwork.values()) {
      List<String> groups = new ArrayList<>();
      List<Double> means = new ArrayList<>();
      for (Attack attack : Attack.ALL) {
        groups.add(attack.label());
        means.add(100 * report.of(network, attack).getAverage());
      }
      chart.addSeries(network.label(), groups, means);
    }
    return BitmapEncoder.getBufferedImage(chart);
  }

  /** A curve for each set of images: how many have which cosine with the most similar code. */
  static BufferedImage similarity(Map<String, float[]> similarities) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Cosine of features with the most similar labelled code")
            .xAxisTitle("cosine")
            .yAxisTitle("test images")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Step);
    chart.getStyler().setXAxisDecimalPattern("0.000");
    double least = 1;
    for (float[] values : similarities.values()) {
      for (float value : values) {
        least = Math.min(least, value);
      }
    }
    double bottom = least;
    double bin = Math.max(1e-6, (1 - bottom) / BINS);
    similarities.forEach(
        (name, values) -> {
          double[] counts = new double[BINS];
          for (float value : values) {
            counts[Math.min(BINS - 1, (int) ((value - bottom) / bin))]++;
          }
          double[] starts = new double[BINS];
          Arrays.setAll(starts, b -> bottom + b * bin);
          chart.addSeries(name, starts, counts).setMarker(SeriesMarkers.NONE);
        });
    return BitmapEncoder.getBufferedImage(chart);
  }
}
