using System.Buffers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar.Internal;
using CommunityToolkit.HighPerformance.Buffers;

namespace Blobs.Tar;

/// <content>Extension members, which describe the member after them: pax records and GNU long names.</content>
public sealed partial class TarReader
{
    private long _extensionOffset;

    private void BeginExtension(long offset)
    {
        long length = _entry.Size;
        if (length < 0)
        {
            Throw.Malformed(Fault.TarSize, offset, $"tar: an extension has a size of {length}");
        }

        if (length > _limits.ExtensionBytes)
        {
            Throw.LimitExceeded(
                nameof(Limits.ExtensionBytes), _limits.ExtensionBytes, $"tar: an extension of {length:N0} bytes");
        }

        _extensionOffset = offset + TarLayout.BlockBytes;
        _padding = TarLayout.PaddingOf(length);
        _remaining = length;
        _state = State.Extension;
        if (length == 0)
        {
            EndExtension();
        }
    }

    private int PushExtension(ReadOnlySpan<byte> bytes)
    {
        int taken = (int)Math.Min(bytes.Length, _remaining);
        Frame(bytes[..taken]);
        _gathered.Write(bytes[..taken]);
        _remaining -= taken;
        if (_remaining == 0)
        {
            EndExtension();
        }

        return taken;
    }

    private void EndExtension()
    {
        ReadOnlySpan<byte> data = _gathered.WrittenSpan;
        switch ((byte)_entry.Type)
        {
            case (byte)'x':
                // If there are several in a row, the last one replaces the others.
                _pax.Load(data, _extensionOffset);
                BeginPadding();
                break;
            case (byte)'L':
                SetLong(_longName, data, out _hasLongName);
                BeginPadding();
                break;
            case (byte)'K':
                SetLong(_longLink, data, out _hasLongLink);
                BeginPadding();
                break;
            default:
                _pax.Load(data, _extensionOffset);
                ReportGlobal();
                break;
        }

        _gathered.Clear();
    }

    // A global extension is reported as an entry, and uses up the extensions before it.
    private void ReportGlobal()
    {
        _pax.MergeInto(_entry);
        _entry.Size = 0;
        _entry.StoredBytes = 0;
        BeginEntry();
    }

    private static void SetLong(ArrayPoolBufferWriter<byte> target, ReadOnlySpan<byte> data, out bool isSet)
    {
        int end = data.IndexOf((byte)0);
        target.Clear();
        target.Write(end < 0 ? data : data[..end]);
        isSet = target.WrittenCount > 0;
    }
}
