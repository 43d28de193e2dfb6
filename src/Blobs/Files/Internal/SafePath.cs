using System.ComponentModel;
using Blobs.Errors;
using Blobs.Errors.Internal;

namespace Blobs.Files.Internal;

/// <summary>
/// Turns a name from an archive into a path below a root; nothing else does. The name is cleaned lexically, so that a
/// leading slash vanishes and <c>..</c> never leaves the root, and split into parent and last component, each
/// NUL-terminated. <see cref="DirectoryCache"/> resolves symbolic links on the way.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SafePath(Limits limits)
{
    private const byte Slash = (byte)'/';

    private byte[] _buffer = new byte[512];
    private int _baseStart;
    private int _end;
    private bool _isTooDeep;

    /// <summary>Whether the name is the root itself.</summary>
    public bool IsRoot => _end == 0;

    /// <summary>Parent below the root, without NUL; empty for the root.</summary>
    public ReadOnlySpan<byte> Parent => _buffer.AsSpan(0, Math.Max(0, _baseStart - 1));

    /// <summary>Parent with its NUL: <c>.</c> for the root.</summary>
    public ReadOnlySpan<byte> ParentZ => _baseStart > 0 ? _buffer.AsSpan(0, _baseStart) : ".\0"u8;

    /// <summary>The last component, without NUL.</summary>
    public ReadOnlySpan<byte> Base => _buffer.AsSpan(_baseStart, _end - _baseStart);

    /// <summary>The last component with its NUL.</summary>
    public ReadOnlySpan<byte> BaseZ => _buffer.AsSpan(_baseStart, _end - _baseStart + 1);

    /// <summary>The whole path below the root, without NUL; a copy.</summary>
    public byte[] ToArray()
    {
        byte[] path = _buffer[.._end];
        if (_baseStart > 0)
        {
            path[_baseStart - 1] = Slash;
        }

        return path;
    }

    /// <summary>Throws if the last name was refused because of a limit.</summary>
    /// <exception cref="LimitExceededException">The name that was last refused has too many components.</exception>
    internal void ThrowIfTooDeep(ReadOnlySpan<byte> name)
    {
        if (_isTooDeep)
        {
            Throw.LimitExceeded(nameof(Limits.PathDepth), limits.PathDepth, $"tar: depth of {Printable.Quote(name)}");
        }
    }

    /// <summary>Takes a name; false when it contains a NUL or is too deep.</summary>
    public bool TrySet(ReadOnlySpan<byte> name)
    {
        _isTooDeep = false;
        _baseStart = 0;
        _end = 0;
        if (_buffer.Length < name.Length + 2)
        {
            _buffer = new byte[name.Length * 2];
        }

        int depth = 0;
        foreach (Range range in name.Split(Slash))
        {
            ReadOnlySpan<byte> component = name[range];
            if (component.IsEmpty || component.SequenceEqual("."u8))
            {
                continue;
            }

            if (component.SequenceEqual(".."u8))
            {
                Climb(ref depth);
                continue;
            }

            _isTooDeep = ++depth > limits.PathDepth;
            if (_isTooDeep || component.Contains((byte)0))
            {
                return false;
            }

            if (_end > 0)
            {
                _buffer[_end++] = Slash;
            }

            _baseStart = _end;
            component.CopyTo(_buffer.AsSpan(_end));
            _end += component.Length;
        }

        // Parent and base end with a NUL each: the slash between them becomes one.
        _buffer[_end] = 0;
        if (_baseStart > 0)
        {
            _buffer[_baseStart - 1] = 0;
        }

        return true;
    }

    /// <summary>Removes a prefix of the last component, as of a whiteout's name.</summary>
    internal void TrimBase(int prefixLength)
    {
        Base[prefixLength..].CopyTo(_buffer.AsSpan(_baseStart));
        _end -= prefixLength;
        _buffer[_end] = 0;
    }

    private void Climb(ref int depth)
    {
        if (_end == 0)
        {
            return;
        }

        depth--;
        int slash = _buffer.AsSpan(0, _end).LastIndexOf(Slash);
        _end = Math.Max(slash, 0);
        _baseStart = _buffer.AsSpan(0, _end).LastIndexOf(Slash) + 1;
    }
}
