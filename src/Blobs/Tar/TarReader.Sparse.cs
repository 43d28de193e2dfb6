using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar.Internal;

namespace Blobs.Tar;

/// <content>
/// Sparse files. Their map has four forms: in the header and continuation blocks (old GNU), in pax records (0.0 and 0.1), or in
/// blocks at the start of the payload (1.0). The map is always complete before the entry is reported.
/// </content>
public sealed partial class TarReader
{
    private long _sparseOffset;

    private void BeginOldSparse(ReadOnlySpan<byte> block, long offset)
    {
        _sparseOffset = offset;
        ReadOnlySpan<byte> realSize = block.Slice(TarLayout.GnuRealSize, TarLayout.LongNumberLength);
        if (!TarHeader.IsGnu(block) || !TarNumber.TryParseField(realSize, out long size))
        {
            FailSparse("is not in GNU form");
            return;
        }

        _entry.IsSparse = true;
        _entry.Size = size;
        AddOldSparseChunks(block[TarLayout.GnuSparse..], TarLayout.GnuSparseChunks);
        ContinueOldSparse(block[TarLayout.GnuIsExtended] != 0);
    }

    private void TakeOldSparseContinuation(ReadOnlySpan<byte> block)
    {
        AddOldSparseChunks(block, TarLayout.ContinuationChunks);
        ContinueOldSparse(block[TarLayout.ContinuationIsExtended] != 0);
    }

    private void ContinueOldSparse(bool isExtended)
    {
        if (isExtended)
        {
            _state = State.OldSparseMap;
            return;
        }

        CheckSparseMap();
        BeginEntry();
    }

    private void AddOldSparseChunks(ReadOnlySpan<byte> chunks, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> chunk = chunks.Slice(i * TarLayout.SparseChunkLength, TarLayout.SparseChunkLength);
            if (chunk[0] == 0)
            {
                // The first empty slot ends the chunks of its block.
                return;
            }

            if (!TarNumber.TryParseField(chunk[..TarLayout.LongNumberLength], out long offset)
                || !TarNumber.TryParseField(chunk[TarLayout.LongNumberLength..], out long length))
            {
                FailSparse("has a map that does not parse");
                return;
            }

            AddSparseChunk(offset, length);
        }
    }

    private void BeginPaxSparse(bool isHeaderOnly, long offset)
    {
        _sparseOffset = offset;
        if (isHeaderOnly)
        {
            FailSparse("is of a type without content, which cannot be sparse");
        }

        _entry.IsSparse = true;
        bool isInPayload = _pax.SparseForm == SparseForm.InPayload;
        if (!isInPayload)
        {
            _pax.ReadSparseMap(_entry);
        }

        _pax.MergeSparseInto(_entry);
        if (isInPayload)
        {
            _remaining = _entry.StoredBytes;
            _state = State.SparseMap;
            RequireSparseMapBlock();
            return;
        }

        CheckSparseMap();
        BeginEntry();
    }

    private void RequireSparseMapBlock()
    {
        if (_remaining < TarLayout.BlockBytes)
        {
            FailSparse("ends inside its map");
        }

        if (_gathered.WrittenCount + TarLayout.BlockBytes > _limits.ExtensionBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ExtensionBytes), _limits.ExtensionBytes, "tar: a sparse map");
        }
    }

    // Form 1.0: the number of chunks, then offset and length of each, one number per line, padded to whole blocks.
    private void TakeSparseMapBlock()
    {
        _remaining -= TarLayout.BlockBytes;
        ReadOnlySpan<byte> text = _gathered.WrittenSpan;

        // Parse only once all lines are there, so that a long map is not parsed again for each of its blocks.
        int lineCount = text.Count((byte)'\n');
        long chunkCount = 0;
        bool isCounted = lineCount > 0 && TarNumber.TryParseDecimal(NextLine(ref text), out chunkCount);
        if (lineCount > 0 && (!isCounted || chunkCount < 0 || chunkCount > _limits.ExtensionBytes))
        {
            FailSparse("has a map that does not parse");
        }

        if (lineCount == 0 || lineCount < 1 + (2 * chunkCount))
        {
            RequireSparseMapBlock();
            return;
        }

        for (long i = 0; i < chunkCount; i++)
        {
            if (!TarNumber.TryParseDecimal(NextLine(ref text), out long offset)
                || !TarNumber.TryParseDecimal(NextLine(ref text), out long length))
            {
                FailSparse("has a map that does not parse");
                return;
            }

            AddSparseChunk(offset, length);
        }

        _gathered.Clear();
        _entry.StoredBytes = _remaining;
        CheckSparseMap();
        BeginEntry();
    }

    private static ReadOnlySpan<byte> NextLine(ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = text[..end];
        text = text[(end + 1)..];
        return line;
    }

    private void AddSparseChunk(long offset, long length) =>
        _entry.SparseChunks.Write([new SparseChunk(offset, length)]);

    private void CheckSparseMap()
    {
        long end = 0;
        long stored = 0;
        foreach (SparseChunk chunk in _entry.SparseMap)
        {
            bool isInside = chunk.Offset >= end && chunk.Length >= 0 && chunk.Offset <= long.MaxValue - chunk.Length
                && chunk.Offset + chunk.Length <= _entry.Size;
            if (!isInside)
            {
                FailSparse("has a map whose runs overlap or end after the end of the file");
            }

            end = chunk.Offset + chunk.Length;
            stored += chunk.Length;
        }

        if (_entry.Size < 0 || stored > _entry.StoredBytes)
        {
            FailSparse($"has a map of {stored} bytes, but {_entry.StoredBytes} are stored");
        }
    }

    private void FailSparse(string what) =>
        Throw.Malformed(Fault.TarSparseMap, _sparseOffset, $"tar: sparse member {Printable.Quote(_entry.Name)} {what}");
}
