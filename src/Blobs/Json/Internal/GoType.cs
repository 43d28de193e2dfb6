using System.ComponentModel;

namespace Blobs.Json.Internal;

/// <summary>Checks the type of a member whose value we do not use. An engine rejects the whole document if a member has the wrong
/// type, so we do the same.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GoType
{
    private readonly Action<GoValue> _check;

    private GoType(Action<GoValue> check) => _check = check;

    public static GoType Text { get; } = new(value => value.Text());

    public static GoType Flag { get; } = new(value => value.Flag());

    public static GoType Number { get; } = new(value => value.Number());

    /// <summary>An unsigned integer of 64 bits.</summary>
    public static GoType Count { get; } = new(value => value.Unsigned());

    /// <summary>An unsigned integer of 16 bits.</summary>
    public static GoType Count16 { get; } = new(value => value.Unsigned(ushort.MaxValue));

    /// <summary>An unsigned integer of 32 bits.</summary>
    public static GoType Count32 { get; } = new(value => value.Unsigned(uint.MaxValue));

    public static GoType Time { get; } = new(value => value.Time());

    public static GoType Texts { get; } = new(value => value.Texts());

    public static GoType Words { get; } = new(value => value.Words());

    public static GoType TextMap { get; } = new(value => value.TextMap());

    /// <summary>A struct: its members, grouped by type.</summary>
    public static GoType Struct(params (GoType Type, string[] Names)[] members) => new(value =>
    {
        GoObject json = value.Object();
        foreach ((GoType type, string[] names) in members)
        {
            foreach (string name in names)
            {
                type._check(json[name]);
            }
        }
    });

    public static GoType List(GoType element) => new(value => value.List(item => element.Checked(item)));

    public static GoType Map(GoType element) => new(value => value.Map(item => element.Checked(item)));

    public void Check(GoValue value) => _check(value);

    private bool Checked(GoValue value)
    {
        _check(value);
        return true;
    }
}
