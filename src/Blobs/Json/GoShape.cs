namespace Blobs.Json;

/// <summary>What type a member has, where nobody asks for its value: an engine that finds another type there does not read the
/// document.</summary>
internal sealed class GoShape
{
    private readonly Action<GoValue> _check;

    private GoShape(Action<GoValue> check) => _check = check;

    public static GoShape Text { get; } = new(value => value.Text());

    public static GoShape Flag { get; } = new(value => value.Flag());

    public static GoShape Number { get; } = new(value => value.Number());

    /// <summary>An integer that is not negative.</summary>
    public static GoShape Count { get; } = new(value => value.Unsigned());

    /// <summary>One of 16 bits.</summary>
    public static GoShape Count16 { get; } = new(value => value.Unsigned(ushort.MaxValue));

    /// <summary>One of 32 bits.</summary>
    public static GoShape Count32 { get; } = new(value => value.Unsigned(uint.MaxValue));

    public static GoShape Time { get; } = new(value => value.Time());

    public static GoShape Texts { get; } = new(value => value.Texts());

    public static GoShape Words { get; } = new(value => value.Words());

    public static GoShape TextMap { get; } = new(value => value.TextMap());

    /// <summary>Members of a struct, several of one type at a time.</summary>
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
