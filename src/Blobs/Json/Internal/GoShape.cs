using System.ComponentModel;

namespace Blobs.Json.Internal;

/// <summary>Checks the type of a member whose value we do not use. An engine rejects the whole document if a member has the wrong
/// type, so we do the same.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GoShape
{
    private readonly Action<GoValue> _check;

    private GoShape(Action<GoValue> check) => _check = check;

    public static GoShape Text { get; } = new(value => value.Text());

    public static GoShape Flag { get; } = new(value => value.Flag());

    public static GoShape Number { get; } = new(value => value.Number());

    /// <summary>An unsigned integer of 64 bits.</summary>
    public static GoShape Count { get; } = new(value => value.Unsigned());

    /// <summary>An unsigned integer of 16 bits.</summary>
    public static GoShape Count16 { get; } = new(value => value.Unsigned(ushort.MaxValue));

    /// <summary>An unsigned integer of 32 bits.</summary>
    public static GoShape Count32 { get; } = new(value => value.Unsigned(uint.MaxValue));

    public static GoShape Time { get; } = new(value => value.Time());

    public static GoShape Texts { get; } = new(value => value.Texts());

    public static GoShape Words { get; } = new(value => value.Words());

    public static GoShape TextMap { get; } = new(value => value.TextMap());

    /// <summary>A struct: its members, grouped by type.</summary>
    public static GoShape Struct(params (GoShape Shape, string[] Names)[] members) => new(value =>
    {
        GoObject json = value.Object();
        foreach ((GoShape shape, string[] names) in members)
        {
            foreach (string name in names)
            {
                shape._check(json[name]);
            }
        }
    });

    public static GoShape List(GoShape element) => new(value => value.List(item => element.Checked(item)));

    public static GoShape Map(GoShape element) => new(value => value.Map(item => element.Checked(item)));

    public void Check(GoValue value) => _check(value);

    private bool Checked(GoValue value)
    {
        _check(value);
        return true;
    }
}
