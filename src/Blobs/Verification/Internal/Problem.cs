using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Blobs.Verification.Internal;

/// <summary>The text of a finding, formatted only when a check fails.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[InterpolatedStringHandler]
public ref struct Problem
{
    private DefaultInterpolatedStringHandler _text;

    public Problem(int literalLength, int formattedCount, bool isRight, out bool isWanted)
    {
        isWanted = !isRight;
        _text = isRight ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

    public string ToText() => _text.ToStringAndClear();
}
