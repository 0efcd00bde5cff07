/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.ByteString;

/** A key of a sorted table and what is stored there. */
record TableEntry(ByteString key, ByteString value) {}
